"""The frame of OpenPGP messages, followed without any key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.decryptor.encryption_errors import (
    PgpMalformed,
    PgpNotEncrypted,
    PgpNotProtected,
    PgpTruncated,
    PgpUnsupported,
)
from services.decryptor.errors import TrailingBytes
from services.decryptor.formats.openpgp import is_message
from services.decryptor.formats.openpgp_framing import framed
from tests.unit.decryptor.openpgp_writer import partial_packet

KEY_PACKET = b"\x85\x01\x0c\x03" + bytes(267)
DATA = b"\xd2\xe9\x01" + bytes(511) + b"\xc0\x08" + bytes(200)  # a part of 512 bytes, then a last one of 200
MESSAGE = KEY_PACKET + DATA


def partial(size: int, bits: list[int]) -> bytes:
    return partial_packet(18, b"\x01" + bytes(size - 1), bits)


def follow(message: bytes, size: int = 1 << 16) -> bytes:
    chunks = (message[at : at + size] for at in range(0, len(message), size))
    return b"".join(framed(chunks))


@given(size=st.integers(1, len(MESSAGE)))
def test_a_message_passes_unchanged_however_it_is_cut_into_chunks(size: int) -> None:
    assert follow(MESSAGE, size) == MESSAGE


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"\xca\x03PGP" + MESSAGE, id="with a marker"),
        pytest.param(b"\xc1\xc0\x4c\x03" + bytes(267) + DATA, id="a key packet in the new format"),
        pytest.param(KEY_PACKET + b"\x8c\x04\x04\x09\x03\x02" + DATA, id="for a passphrase too"),
        pytest.param(KEY_PACKET + b"\xd2\xff\x00\x00\x00\x02\x01\x00", id="a length of five octets"),
        pytest.param(KEY_PACKET + b"\xd4\x02\x01\x00", id="GnuPG's own newer form"),
        pytest.param(b"\xc1\x04\x06abc" + MESSAGE, id="for a key in a newer form too"),
        pytest.param(KEY_PACKET + partial(700, [9, 0, 1, 0, 5]), id="parts of a few bytes"),
    ],
)
def test_other_messages_pass(message: bytes) -> None:
    assert follow(message) == message
    assert is_message(message)


@given(size=st.integers(1, 700), length=st.integers(5, len(MESSAGE) - 1))
def test_every_cut_message_is_truncated(size: int, length: int) -> None:
    with pytest.raises(PgpTruncated):
        follow(MESSAGE[:length], size)


@given(size=st.integers(1, len(MESSAGE)))
def test_what_follows_the_message_is_refused(size: int) -> None:
    with pytest.raises(TrailingBytes):
        follow(MESSAGE + b"\n", size)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        pytest.param(KEY_PACKET + b"\xc9\x04abcd", PgpNotProtected, id="not protected"),
        pytest.param(KEY_PACKET + b"\xcb\x04abcd", PgpNotEncrypted, id="a literal packet"),
        pytest.param(b"\x8c\x04\x04\x09\x03\x02" + DATA, PgpUnsupported, id="for a passphrase only"),
        pytest.param(KEY_PACKET + b"\xd2\x02\x02\x00", PgpUnsupported, id="RFC 9580"),
        pytest.param(b"\xc1\x04\x06abc" + DATA, PgpUnsupported, id="for keys in a newer form only"),
        pytest.param(KEY_PACKET + b"\xa3abcd", PgpNotEncrypted, id="a compressed packet without length"),
        pytest.param(KEY_PACKET + b"\x87abcd", PgpMalformed, id="a key packet without length"),
        pytest.param(KEY_PACKET + b"\xcd\x04abcd", PgpMalformed, id="a user id"),
        pytest.param(KEY_PACKET + b"abcdefgh", PgpMalformed, id="text behind the key packet"),
        pytest.param(b"\x85\xff\xff\x03" + bytes(70000), PgpMalformed, id="an enormous key packet"),
    ],
)
def test_other_packets_are_told_apart(message: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        follow(message)


@pytest.mark.parametrize(
    "text",
    [
        "Área,Città\nCáceres,Roma\n".encode(),
        "Ãrea,Nom\n".encode("latin-1"),
        "Álbum;Œuvre\n".encode("cp1252"),
        "„Name“,Ort\n".encode("cp1252"),
        "…,Name\n".encode("cp1252"),
        "Œuvre,Nom\n".encode("cp1252"),
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
        b"\x85",
        b"\x85\x01\x0c",
        b"",
    ],
)
def test_text_that_begins_like_a_message_is_none(text: bytes) -> None:
    assert not is_message(text)
