"""Where a stage may have put something of a file: what other runs over it left there can be found again.

A manifest lists what stands; only a listing shows what a run that died, or lost a race, put beside it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from shared.identity import LandedFile
from shared.layout import archive_prefix, raw_prefix, staging_prefix


@dataclass(frozen=True, slots=True)
class Folder:
    """All objects whose keys begin with ``prefix``: of one file and one stage, and of nothing else."""

    bucket: str
    prefix: str
    is_scratch: bool = False
    """Whether nothing in it is to outlive the run that put it."""


Footprint = Callable[[LandedFile], AsyncIterator[Folder]]


async def raw_footprint(file: LandedFile) -> AsyncIterator[Folder]:
    """The decryptor's: members, and inner archives that were staged when it died."""
    yield Folder(file.bucket, raw_prefix(file.file_id))
    yield Folder(file.bucket, staging_prefix(file.file_id), is_scratch=True)


async def archive_footprint(file: LandedFile) -> AsyncIterator[Folder]:
    """The archiver's."""
    for kind in ("landing", "raw"):
        yield Folder(file.bucket, archive_prefix(file.file_id, kind))


async def no_footprint(_file: LandedFile) -> AsyncIterator[Folder]:
    """That of a stage which makes no objects."""
    return
    yield  # what makes this an iterator
