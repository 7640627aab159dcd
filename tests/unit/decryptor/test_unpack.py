"""The walk through the layers: limits, order, and nothing that is not verified."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.decryptor.errors import (
    DuplicateMember,
    ExpandsTooFar,
    MemberTooLarge,
    RatioTooHigh,
    TooManyLayers,
    UnsafeMemberName,
)
from services.decryptor.limits import Limits
from services.decryptor.staging import MemoryStaging
from services.decryptor.streams import CHUNK_BYTES, VIEW_BYTES
from services.decryptor.unpack import unpack
from shared.errors import LandfallError
from tests.unit.decryptor.esdk_messages import esdk_message
from tests.unit.decryptor.kms_double import KmsDouble
from tests.unit.decryptor.landing import CSV, NO_KEYS, Landing, extracts, keyring, layers, unpacked, zipped

ZEROS = b"a,b\n" + b"0" * 3_000_000
STRICT = Limits(max_ratio=50, ratio_free_bytes=100_000)


def packed(content: bytes, times: int) -> bytes:
    for _ in range(times):
        content = gzip.compress(content)
    return content


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress(ZEROS), id="gzip"),
        pytest.param(zipped({"x.csv": ZEROS}), id="zip"),
        pytest.param(packed(ZEROS, 2), id="gzip in gzip"),
        pytest.param(zipped({"x.csv.gz": gzip.compress(ZEROS)}), id="gzip in zip"),
        pytest.param(gzip.compress(zipped({"x.csv": ZEROS}, method=0)), id="stored zip in gzip"),
        pytest.param(zipped({f"{n}.csv": ZEROS[:90_000] for n in range(40)}), id="many small members"),
    ],
)
def test_a_bomb_is_refused(content: bytes) -> None:
    with pytest.raises(RatioTooHigh):
        unpacked(Landing("x", content), limits=STRICT)


def test_what_cannot_be_compressed_makes_no_room_for_a_bomb_beside_it() -> None:
    numbers = random.Random(1)
    padding = b"a,b\n" + b"".join(b"%d,%d\n" % (n, numbers.getrandbits(64)) for n in range(6_000))
    content = zipped({"padding.csv": padding, "x.csv": ZEROS})
    with pytest.raises(RatioTooHigh, match="a member expands"):
        unpacked(Landing("x.zip", content), limits=STRICT)


def test_a_bomb_in_an_encrypted_file_is_refused() -> None:
    kms = KmsDouble()
    encrypted = esdk_message(kms, [kms.create_key()], zipped({"x.csv": ZEROS}))
    with pytest.raises(RatioTooHigh):
        unpacked(Landing("x.zip", encrypted), keyring(kms), STRICT)


def test_a_little_repetition_is_no_bomb() -> None:
    text = ZEROS[:90_000]
    assert unpacked(Landing("x.gz", gzip.compress(text)), limits=STRICT) == {"x": text}


@pytest.mark.parametrize(
    "content",
    [pytest.param(CSV, id="plain"), pytest.param(gzip.compress(CSV), id="gzip")],
)
def test_a_member_above_the_limit_is_refused(content: bytes) -> None:
    with pytest.raises(MemberTooLarge):
        unpacked(Landing("x", content), limits=Limits(max_member_bytes=len(CSV) - 1))


def test_members_that_are_too_large_together_are_refused() -> None:
    archive = zipped({"a.csv": CSV, "b.csv": CSV})
    with pytest.raises(ExpandsTooFar):
        unpacked(Landing("x.zip", archive), limits=Limits(max_total_bytes=2 * len(CSV) - 1))


def test_an_inner_layer_is_held_to_the_limit_before_it_is_looked_into() -> None:
    with pytest.raises(ExpandsTooFar):
        unpacked(Landing("x.gz", gzip.compress(zipped({"a.csv": CSV}))), limits=Limits(max_total_bytes=100))


def test_three_layers_come_off() -> None:
    assert layers(Landing("x", packed(CSV, 3))) == [("gzip", "gzip", "gzip")]


def test_a_fourth_layer_is_refused() -> None:
    with pytest.raises(TooManyLayers):
        unpacked(Landing("x", packed(CSV, 4)))


def test_a_landed_name_of_nothing_is_refused() -> None:
    with pytest.raises(UnsafeMemberName):
        unpacked(Landing("..", CSV))


def test_an_unread_member_is_verified_all_the_same() -> None:
    damaged = bytearray(zipped({"a.csv": CSV * 40, "b.csv": CSV}, method=0))
    damaged[len(CSV) * 39] ^= 1
    members = unpack(Landing("x.zip", bytes(damaged)), NO_KEYS, Limits(), MemoryStaging())
    next(members)
    with pytest.raises(LandfallError):
        next(members)


@pytest.mark.parametrize("limits", [Limits(), Limits(max_member_bytes=VIEW_BYTES)], ids=["damage", "excess"])
def test_an_error_that_the_reader_swallows_is_no_end(limits: Limits) -> None:
    damaged = bytearray(gzip.compress(CSV * 240))
    damaged[-1] ^= 1
    members = extracts(unpack(Landing("x", bytes(damaged)), NO_KEYS, limits, MemoryStaging()))
    member = next(members)
    with suppress(LandfallError):
        list(member.chunks())
    with pytest.raises(LandfallError):
        next(members)


def test_names_of_separate_inner_layers_must_differ() -> None:
    archive = zipped({"a.csv.gz": gzip.compress(CSV), "inner.zip": zipped({"a.csv": CSV})})
    with pytest.raises(DuplicateMember):
        unpacked(Landing("x.zip", archive))


@pytest.mark.parametrize(
    ("content", "largest"),
    [
        pytest.param(CSV * 240, CHUNK_BYTES, id="plain"),
        pytest.param(gzip.compress(CSV * 240), VIEW_BYTES, id="gzip"),
        pytest.param(zipped({"x": CSV * 240}), VIEW_BYTES, id="deflated"),
        pytest.param(zipped({"x": CSV * 240}, method=0), CHUNK_BYTES, id="stored"),
    ],
)
def test_chunks_are_small_enough_to_reuse_their_memory(content: bytes, largest: int) -> None:
    members = extracts(unpack(Landing("x", content), NO_KEYS, Limits(), MemoryStaging()))
    sizes = [len(chunk) for member in members for chunk in member.chunks()]
    assert max(sizes) == largest
    assert sum(sizes) == len(CSV * 240)


def test_chunks_of_large_frames_are_cut() -> None:
    kms = KmsDouble()
    encrypted = esdk_message(kms, [kms.create_key()], CSV * 40, frame_length=0)
    members = extracts(unpack(Landing("x", encrypted), keyring(kms), Limits(), MemoryStaging()))
    assert max(len(chunk) for member in members for chunk in member.chunks()) <= CHUNK_BYTES


def test_the_outer_layer_is_verified_before_an_inner_archive_is_opened() -> None:
    """The archive is perfect; the signature around it is not. No member may be offered."""
    kms = KmsDouble()
    encrypted = esdk_message(kms, [kms.create_key()], zipped({"a.csv": CSV}))
    damaged = encrypted[:-1] + bytes([encrypted[-1] ^ 1])
    with pytest.raises(LandfallError):
        next(unpack(Landing("x", damaged), keyring(kms), Limits(), MemoryStaging()))


def test_the_landed_file_is_closed_when_unpacking_is_given_up() -> None:
    landing = Landing("x.zip", zipped({"a.csv": CSV, "b.csv": CSV}))
    opened = landing.open()
    landing.open = lambda: opened  # type: ignore[method-assign]  # to see what becomes of it
    members = unpack(landing, NO_KEYS, Limits(), MemoryStaging())
    next(members)
    members.close()
    assert opened.closed


MAGICS = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b\x08",
    b"\x01\x80\x03\x78",
    b"\x02\x05\x78",
    b"\x01\x02\x02\x00x",
    b"\x85\x01\x0c\x03",
    b"-----BEGIN PGP MESSAGE-----\n\n",
    b"\xff\xfe",
    b"",
]


def noise() -> Iterator[st.SearchStrategy[bytes]]:
    yield st.binary(max_size=500)
    yield st.integers().map(lambda seed: random.Random(seed).randbytes(2000))


@given(st.sampled_from(MAGICS), st.one_of(*noise()))
def test_whatever_lands_comes_out_or_is_refused_by_an_error_of_ours(magic: bytes, rest: bytes) -> None:
    with suppress(LandfallError):
        assert unpacked(Landing("x", magic + rest), keyring(KMS))


KMS = KmsDouble()
KMS.create_key()
