"""Members that a second worker puts again once the archiver has emptied raw/, and dies before it can tell.

The next try finds the manifest. Whoever still needs the members must have them, and in the end they must go.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NoReturn

from shared.commit import Committer
from shared.events import FileDecrypted, FileNormalized
from shared.footprints import Folder, raw_footprint
from shared.identity import LandedFile
from shared.layout import raw_key
from shared.manifests import DecryptManifest, NormalizeManifest
from shared.objects.store import GENERATION
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3, Version
from tests.histories import RAW, History


class Twins(History):
    """A file that two workers decrypt: one has finished, and of the other the message comes again."""

    def __init__(self) -> None:
        super().__init__(InMemoryS3())
        self.key = raw_key(self.file_id, "Subscribers.csv")

    def put_again(self, generation: int = 0) -> Version:
        """The member, by the second worker, which dies then."""
        return self.s3.put("ingest", self.key, RAW, {GENERATION: str(generation)})

    def lose_member(self) -> None:
        self.s3.versions["ingest", self.key].clear()

    async def deliver_again(self, generation: int = 0) -> None:
        events = InMemoryEvents()
        committer = Committer(self.s3.store(), events.bus(), DecryptManifest, FileDecrypted, raw_footprint)
        await committer.run(self.file, generation, _never)

    @property
    def raw(self) -> list[Version]:
        return self.s3.versions["ingest", self.key]


async def test_once_the_file_is_archived_nothing_stays_in_raw() -> None:
    file = Twins()
    file.through(Stage.ARCHIVE)
    file.put_again()
    file.put_again()
    await file.deliver_again()
    assert file.raw == []


async def test_until_the_file_is_archived_what_was_put_again_stays_for_who_needs_it() -> None:
    file = Twins()
    file.through(Stage.CATALOG)
    file.lose_member()
    again = file.put_again()
    await file.deliver_again()
    assert file.raw == [again]


async def test_the_members_that_the_manifest_lists_stay_until_the_archiver_takes_them() -> None:
    file = Twins()
    file.through(Stage.CATALOG)
    listed = list(file.raw)
    await file.deliver_again()
    assert file.raw == listed
    file.archive()
    file.raw[:] = listed  # its manifest is there, and it has yet to delete what it copied
    await file.deliver_again()
    assert file.raw == listed


async def test_that_an_earlier_generation_is_archived_says_nothing_of_a_later_ones_members() -> None:
    file = Twins()
    file.through(Stage.ARCHIVE)
    file.open(1, Stage.DECRYPT)
    file.through(Stage.NORMALIZE, generation=1)
    file.lose_member()
    again = file.put_again(1)
    await file.deliver_again(1)
    assert file.raw == [again]


async def test_a_later_generation_that_is_at_work_keeps_what_it_has_put() -> None:
    file = Twins()
    file.through(Stage.ARCHIVE)
    theirs = file.put_again(1)
    await file.deliver_again()
    assert file.raw == [theirs]


async def test_rows_are_moved_by_nobody_and_stay_when_somebody_has_put_them_again() -> None:
    file = Twins()
    file.through(Stage.CATALOG)
    standing = file.normalize()
    file.archive()
    (curated,) = standing.outputs()
    events = InMemoryEvents()
    rows = file.s3.versions["curated", curated.key]
    rows.clear()
    again = file.s3.put("curated", curated.key, b"rows", {GENERATION: "0"})

    async def footprint(_: LandedFile) -> AsyncIterator[Folder]:
        yield Folder("curated", curated.key)

    committer = Committer(file.s3.store(), events.bus(), NormalizeManifest, FileNormalized, footprint)
    await committer.run(file.file, 0, _never)
    assert rows == [again]


async def _never() -> NoReturn:
    raise AssertionError("the manifest stands")
