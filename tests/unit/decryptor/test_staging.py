"""Where inner archives are held: in memory up to a limit, elsewhere beyond it, nowhere afterwards."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest

from services.decryptor.errors import StagingTooLarge
from services.decryptor.staging import MemoryStaging, Staging, TemporaryFileStaging
from services.decryptor.streams import Chunk, Chunks

PIECES: list[Chunk] = [b"a" * 700, memoryview(b"b" * 700), b"c" * 700]
WHOLE = b"".join(PIECES)


class Recorded:
    """A staging that shows what it was given."""

    def __init__(self) -> None:
        self.given: list[bytes] = []
        self.released = 0

    @contextmanager
    def hold(self, chunks: Chunks) -> Iterator[BinaryIO]:
        self.given.append(b"".join(chunks))
        yield io.BytesIO(self.given[-1])
        self.released += 1


@pytest.mark.parametrize(
    "staging",
    [MemoryStaging(len(WHOLE)), TemporaryFileStaging(), MemoryStaging(0, TemporaryFileStaging())],
    ids=["memory", "file", "overflow"],
)
def test_the_content_can_be_read_in_any_order(staging: Staging) -> None:
    with staging.hold(iter(PIECES)) as file:
        file.seek(1400)
        tail = file.read()
        file.seek(0)
        assert file.read() + tail == WHOLE + WHOLE[1400:]


def test_what_fits_is_not_handed_over() -> None:
    overflow = Recorded()
    with MemoryStaging(len(WHOLE), overflow).hold(iter(PIECES)):
        assert overflow.given == []


@pytest.mark.parametrize("limit", [0, 1, 699, 700, 1500, len(WHOLE) - 1])
def test_what_does_not_fit_is_handed_over_whole(limit: int) -> None:
    overflow = Recorded()
    with MemoryStaging(limit, overflow).hold(iter(PIECES)) as file:
        assert file.read() == WHOLE
    assert overflow.given == [WHOLE]
    assert overflow.released == 1


def test_without_an_overflow_what_does_not_fit_is_refused() -> None:
    with pytest.raises(StagingTooLarge), MemoryStaging(len(WHOLE) - 1).hold(iter(PIECES)):
        pytest.fail("held more than the limit")


def test_a_temporary_file_is_gone_afterwards() -> None:
    with TemporaryFileStaging().hold(iter(PIECES)) as file:
        pass
    assert file.closed
