"""The file inside a decrypted message, whatever program packed it."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.decryptor.encryption_errors import PgpMalformed, PgpUnsupported
from services.decryptor.errors import RatioTooHigh
from services.decryptor.formats.openpgp_content import Content
from services.decryptor.limits import Limits
from tests.unit.decryptor.landing import CSV
from tests.unit.decryptor.openpgp_writer import (
    BZIP2,
    COMPRESSED,
    LITERAL,
    MARKER,
    ONE_PASS,
    PADDING,
    SIGNATURE,
    UNCOMPRESSED,
    ZIP,
    ZLIB,
    compressed,
    compressed_body,
    endless_packet,
    literal,
    literal_body,
    old_packet,
    packet,
    partial_packet,
)

LONG = random.Random(1).randbytes(300_000)
ALGORITHMS = pytest.mark.parametrize("algorithm", [UNCOMPRESSED, ZIP, ZLIB, BZIP2])
ONE_PASS_BODY = bytes([3, 0, 8, 1]) + bytes(8) + b"\x01"
SIGNATURE_BODY = bytes([4, 0, 1, 8]) + bytes(20)


def content_of(packets: bytes, size: int = 1 << 16, limits: Limits | None = None) -> Content:
    return Content((packets[at : at + size] for at in range(0, len(packets), size)), limits or Limits())


def file_in(packets: bytes, size: int = 1 << 16, limits: Limits | None = None) -> bytes:
    return b"".join(content_of(packets, size, limits).chunks())


@pytest.mark.parametrize("mode", [b"b", b"t", b"u", b"l", b"1", b"m", b"\0"])
@given(content=st.binary(max_size=400), size=st.integers(1, 50))
def test_the_bytes_of_a_file_come_out_in_every_mode(mode: bytes, content: bytes, size: int) -> None:
    assert file_in(literal(content, mode), size) == content


@given(
    content=st.binary(max_size=3000),
    bits=st.lists(st.integers(0, 10), max_size=20),
    size=st.integers(1, 2000),
)
def test_the_bytes_of_a_file_in_parts_come_out(content: bytes, bits: list[int], size: int) -> None:
    assert file_in(partial_packet(LITERAL, literal_body(content, b"t"), bits), size) == content


@pytest.mark.parametrize(
    "packets",
    [
        pytest.param(literal(LONG), id="new format"),
        pytest.param(old_packet(LITERAL, literal_body(LONG)), id="old format"),
        pytest.param(endless_packet(LITERAL, literal_body(LONG)), id="without length"),
        pytest.param(partial_packet(LITERAL, literal_body(LONG), [13] * 40), id="parts of 8 KiB"),
        pytest.param(partial_packet(LITERAL, literal_body(LONG), [9, 0, 3] * 99), id="parts of few bytes"),
        pytest.param(packet(LITERAL, literal_body(LONG, name=b"")), id="without name"),
        pytest.param(packet(LITERAL, literal_body(LONG, name=b"x" * 255)), id="the longest name"),
        pytest.param(packet(MARKER, b"PGP") + literal(LONG) + packet(PADDING, bytes(99)), id="padding"),
        pytest.param(packet(60, b"private") + literal(LONG), id="a private packet"),
        pytest.param(
            packet(ONE_PASS, ONE_PASS_BODY) + compressed(literal(LONG)) + packet(SIGNATURE, SIGNATURE_BODY),
            id="signed outside of its compression",
        ),
        pytest.param(compressed(compressed(literal(LONG), BZIP2), ZLIB), id="compressed twice"),
    ],
)
@pytest.mark.parametrize("size", [1000, 1 << 17])
def test_other_forms_come_out(packets: bytes, size: int) -> None:
    assert file_in(packets, size) == LONG


@ALGORITHMS
@pytest.mark.parametrize("form", [packet, old_packet, endless_packet])
@pytest.mark.parametrize(
    "content", [b"", b"a\rb\r", LONG, CSV * 100], ids=["empty", "short", "noise", "text"]
)
def test_compressed_files_come_out(
    algorithm: int, form: Callable[[int, bytes], bytes], content: bytes
) -> None:
    assert file_in(form(COMPRESSED, compressed_body(literal(content, b"t"), algorithm)), 1000) == content


@ALGORITHMS
@given(size=st.integers(1, 300), bits=st.lists(st.integers(0, 8), max_size=20))
def test_compressed_packets_in_parts_come_out(algorithm: int, size: int, bits: list[int]) -> None:
    packets = partial_packet(COMPRESSED, compressed_body(literal(CSV), algorithm), bits)
    assert file_in(packets, size) == CSV


def test_padding_behind_the_compressed_stream_is_left_out() -> None:
    packets = packet(COMPRESSED, compressed_body(literal(CSV)) + LONG)
    assert file_in(packets) == CSV


def test_signatures_are_kept() -> None:
    before, behind = packet(ONE_PASS, ONE_PASS_BODY), packet(SIGNATURE, SIGNATURE_BODY)
    content = content_of(compressed(before + literal(CSV) + behind))
    assert b"".join(content.chunks()) == CSV
    assert [kept[6:] for kept in content.signatures_before] == [ONE_PASS_BODY]
    assert [kept[6:] for kept in content.signatures_behind] == [SIGNATURE_BODY]
    assert content.literal_head == literal_body(b"")
    assert not content.signs_text


@pytest.mark.parametrize(
    "signature",
    [
        packet(ONE_PASS, b"\x03\x01" + ONE_PASS_BODY[2:]),
        packet(SIGNATURE, b"\x04\x01" + SIGNATURE_BODY[2:]),
        packet(SIGNATURE, b"\x03\x05\x01" + bytes(20)),
    ],
    ids=["one pass", "version 4", "version 3"],
)
def test_a_signature_over_text_is_seen(signature: bytes) -> None:
    content = content_of(signature + literal(CSV))
    assert b"".join(content.chunks()) == CSV
    assert content.signs_text


@pytest.mark.parametrize(
    "packets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"Name,City\n", id="no packets"),
        pytest.param(literal(CSV)[:-1], id="cut"),
        pytest.param(packet(LITERAL, b"b"), id="cut in its head"),
        pytest.param(literal(CSV) + literal(CSV), id="two files"),
        pytest.param(compressed(literal(CSV)) + literal(b""), id="a file behind a compressed one"),
        pytest.param(literal(CSV) + b"x", id="bytes behind"),
        pytest.param(literal(CSV) + b"\xd3", id="half a header behind"),
        pytest.param(packet(MARKER, b"PGP"), id="no file"),
        pytest.param(packet(COMPRESSED, b""), id="an empty compressed packet"),
        pytest.param(packet(COMPRESSED, b"\x01"), id="nothing compressed"),
        pytest.param(packet(COMPRESSED, compressed_body(literal(CSV))[:-9]), id="compression cut"),
        pytest.param(packet(COMPRESSED, compressed_body(literal(CSV), BZIP2)[:-9]), id="bzip2 cut"),
        pytest.param(
            packet(COMPRESSED, compressed_body(literal(CSV), ZLIB)[:-1] + b"\0"), id="zlib checksum"
        ),
        pytest.param(packet(COMPRESSED, b"\x01" + LONG), id="no deflate"),
        pytest.param(packet(COMPRESSED, b"\x03" + LONG), id="no bzip2"),
        pytest.param(compressed(compressed(compressed(compressed(compressed(literal(CSV)))))), id="too deep"),
        pytest.param(packet(13, b"Ada") + literal(CSV), id="a user id"),
        pytest.param(packet(SIGNATURE, bytes(1 << 17)) + literal(CSV), id="an enormous signature"),
        pytest.param(packet(ONE_PASS, ONE_PASS_BODY) * 17 + literal(CSV), id="too many signatures"),
        pytest.param(b"\xcb\xe9" + literal_body(bytes(512))[:512], id="no last part"),
    ],
)
@pytest.mark.parametrize("size", [1, 1 << 16])
def test_what_is_no_file_is_refused(packets: bytes, size: int) -> None:
    with pytest.raises(PgpMalformed):
        file_in(packets, size)


@pytest.mark.parametrize(
    "packets",
    [
        pytest.param(packet(COMPRESSED, b"\x09" + LONG), id="unknown compression"),
        pytest.param(packet(1, b"\x03" + bytes(99)) + packet(18, b"\x01"), id="encrypted again"),
    ],
)
def test_what_is_not_read_is_said_to_be_so(packets: bytes) -> None:
    with pytest.raises(PgpUnsupported):
        file_in(packets)


@pytest.mark.parametrize(
    "packets",
    [
        pytest.param(compressed(packet(PADDING, bytes(1 << 22)) + literal(CSV)), id="padding"),
        pytest.param(compressed(compressed(bytes(1 << 24))), id="compressed noughts"),
        pytest.param(compressed(b"\xca\x00" * (1 << 16) + literal(CSV)), id="empty packets"),
    ],
)
def test_packets_that_are_no_file_do_not_expand_without_limit(packets: bytes) -> None:
    with pytest.raises(RatioTooHigh):
        file_in(packets, limits=Limits(ratio_free_bytes=1000, max_ratio=20))


@given(packets=st.binary(max_size=200), size=st.integers(1, 200))
def test_any_other_bytes_have_an_error_of_their_own(packets: bytes, size: int) -> None:
    with suppress(PgpMalformed, PgpUnsupported):
        file_in(packets, size)
