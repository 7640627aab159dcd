"""gzip: read to the last trailer, refused when cut, damaged or followed by something else."""

from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.decryptor.errors import GzipCorrupt, GzipTruncated, TrailingBytes
from services.decryptor.streams import CHUNK_BYTES
from tests.unit.decryptor.landing import CSV, Landing, cut, escaped, flipped, layers, unpacked

PACKED = gzip.compress(CSV, mtime=0)


def test_the_member_has_the_name_without_the_suffix() -> None:
    assert unpacked(Landing("Sent.csv.gz", PACKED)) == {"Sent.csv": CSV}


def test_the_layer_is_named() -> None:
    assert layers(Landing("Sent.csv.gz", PACKED)) == [("gzip",)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5), st.integers(0, 9))
def test_gzip_members_are_joined(contents: list[bytes], level: int) -> None:
    whole = b"a,b\n" + b"".join(content.hex().encode() for content in contents)
    packed = gzip.compress(b"a,b\n") + b"".join(gzip.compress(c.hex().encode(), level) for c in contents)
    assert unpacked(Landing("x.gz", packed)) == {"x": whole}


@settings(max_examples=20)
@given(size=st.integers(0, 3 * CHUNK_BYTES), seed=st.integers())
def test_any_length_comes_out_whole(size: int, seed: int) -> None:
    text = b"a,b\n" + random.Random(seed).randbytes(size).hex().encode()
    assert unpacked(Landing("x.gz", gzip.compress(text, 1))) == {"x": text}


@pytest.mark.parametrize("length", [11, len(PACKED) // 2, len(PACKED) - 8, len(PACKED) - 1])
def test_a_cut_stream_is_truncated(length: int) -> None:
    with pytest.raises(GzipTruncated):
        unpacked(Landing("x.gz", PACKED[:length]))


@pytest.mark.parametrize("from_end", [1, 5], ids=["length", "checksum"])
def test_a_wrong_trailer_is_corrupt(from_end: int) -> None:
    damaged = bytearray(PACKED)
    damaged[-from_end] ^= 1
    with pytest.raises(GzipCorrupt):
        unpacked(Landing("x.gz", bytes(damaged)))


@pytest.mark.parametrize("tail", [b"a,b\n", b"\x1f\x8b", PACKED[:1], b"\0\0\1", b"\0" * 200_000 + b"a"])
def test_anything_behind_the_last_member_is_refused(tail: bytes) -> None:
    with pytest.raises(TrailingBytes):
        unpacked(Landing("x.gz", PACKED + tail))


@pytest.mark.parametrize("zeros", [1, 2, 512, 300_000])
def test_zeros_behind_a_member_are_padding(zeros: int) -> None:
    """As ``gzip`` and Python have it; tapes and transfers in blocks leave them."""
    padding = b"\0" * zeros
    assert unpacked(Landing("x.gz", PACKED + padding)) == {"x": CSV}
    assert unpacked(Landing("x.gz", PACKED + padding + PACKED, viewed=True)) == {"x": CSV * 2}


def test_a_cut_second_member_is_truncated() -> None:
    with pytest.raises(GzipTruncated):
        unpacked(Landing("x.gz", PACKED + PACKED[:-1]))


def test_no_cut_stream_comes_out() -> None:
    assert escaped(cut(PACKED), "x.gz") == []


def test_no_flipped_bit_changes_what_comes_out() -> None:
    assert escaped(flipped(PACKED), "x.gz", harmless={"x": CSV}) == []


def test_a_flipped_bit_in_the_content_is_refused() -> None:
    header = 10
    content = ((at, damaged) for at, damaged in flipped(PACKED) if at >= header)
    assert escaped(content, "x.gz") == []
