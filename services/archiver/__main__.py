"""Run the archiver: ``python -m services.archiver``."""

from __future__ import annotations

from services.archiver.announcing import Announcer
from services.archiver.archive import Archive
from services.archiver.handler import ArchiveHandler
from services.archiver.settings import ArchiverSettings
from services.archiver.story import Storyteller
from shared.commit import Committer
from shared.events import FileArchived
from shared.footprints import archive_footprint
from shared.manifests import ArchiveManifest
from shared.objects.copying import Copier
from shared.worker.handler import Handler
from shared.worker.service import Parts, run_service


async def build(settings: ArchiverSettings, parts: Parts) -> Handler:
    """Wire the handler."""
    return ArchiveHandler(
        store=parts.store,
        committer=Committer(
            parts.store,
            parts.bus,
            ArchiveManifest,
            FileArchived,
            archive_footprint,
            settings.max_file_seconds,
        ),
        archive=Archive(
            parts.store, Copier(parts.store, settings.archive_storage_class), settings.raw_members
        ),
        storyteller=Storyteller(parts.store),
        announcer=Announcer(await parts.clients.sns(), settings.success_topic_arn, settings.error_topic_arn),
    )


if __name__ == "__main__":
    run_service("archiver", ArchiverSettings, build)
