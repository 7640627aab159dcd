"""A file that the three stages before have finished, and the archiver."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.archiver.announcing import Announcer
from services.archiver.archive import Archive, RawMembers
from services.archiver.handler import ArchiveHandler
from services.archiver.story import Storyteller
from shared.commit import Committer
from shared.events import FileArchived, FileCataloged
from shared.footprints import archive_footprint
from shared.layout import manifest_key
from shared.manifests import ArchiveManifest
from shared.messages import Message
from shared.objects.copying import Copier
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.doubles.sns import InMemorySns
from tests.histories import REPLAY, History

MESSAGE = Message("m1", "r1", "{}", 1)


class House(History):
    """A file that the three stages before have finished, and the archiver."""

    def __init__(self, key: str = "landing/20260131_Extract.zip") -> None:
        super().__init__(InMemoryS3(), key)
        self.through(Stage.CATALOG)
        self.events, self.sns = InMemoryEvents(), InMemorySns()
        store = self.s3.store()
        self.handler = ArchiveHandler(
            store=store,
            committer=Committer(store, self.events.bus(), ArchiveManifest, FileArchived, archive_footprint),
            archive=Archive(store, Copier(store)),
            storyteller=Storyteller(store),
            announcer=Announcer(self.sns.client(), "arn:success", "arn:error"),
        )

    def cataloged(self, generation: int = 0) -> FileCataloged:
        replay = REPLAY if generation else None
        return FileCataloged(
            file=self.file, generation=generation, replay=replay, event_id="e", manifest_key="m"
        )

    async def finish(self, generation: int = 0) -> None:
        await self.handler.handle(self.cataloged(generation), MESSAGE)

    def delete_raw_members(self) -> None:
        archive = replace(self.handler.archive, raw_members=RawMembers.DELETE)
        self.handler = replace(self.handler, archive=archive)

    def read_nothing_to_compare(self) -> None:
        archive = replace(self.handler.archive, read_to_compare_bytes=0)
        self.handler = replace(self.handler, archive=archive)

    def land_in_parts(self) -> None:
        """Have the file been uploaded as many clients do it: with a checksum of the parts' checksums only."""
        self.s3.change_newest("ingest", self.file.key, checksum="CRC32", is_composite=True)

    def manifest(self, generation: int = 0) -> ArchiveManifest:
        key = manifest_key(self.file_id, Stage.ARCHIVE, generation)
        return ArchiveManifest.model_validate_json(self.s3.objects["ingest", key])

    def count_copies(self) -> list[str]:
        copied: list[str] = []
        copy = self.s3.copy_object

        async def counting(**call: Any) -> Any:
            copied.append(call["Key"])
            return await copy(**call)

        self.s3.copy_object = counting  # type: ignore[method-assign] # to look on
        return copied
