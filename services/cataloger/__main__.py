"""Run the cataloger: ``python -m services.cataloger``."""

from __future__ import annotations

from datetime import timedelta

from services.cataloger.crawls import CrawlLedger
from services.cataloger.handler import CatalogHandler
from services.cataloger.settings import CatalogerSettings
from services.cataloger.snapshots import Snapshots
from services.cataloger.tables import Tables
from shared.commit import Committer
from shared.events import FileCataloged
from shared.manifests import CatalogManifest
from shared.worker.handler import Handler
from shared.worker.service import Parts, run_service


async def build(settings: CatalogerSettings, parts: Parts) -> Handler:
    """Wire the handler."""
    glue = await parts.clients.glue()
    tables = Tables(glue, settings.database)
    return CatalogHandler(
        store=parts.store,
        committer=Committer(parts.store, parts.bus, CatalogManifest, FileCataloged),
        ledger=CrawlLedger(
            glue,
            settings.crawler,
            min_interval=timedelta(seconds=settings.crawl_min_interval_seconds),
            poll_seconds=settings.crawl_poll_seconds,
            limit_seconds=settings.crawl_limit_seconds,
        ),
        tables=tables,
        snapshots=Snapshots(tables),
        margin=timedelta(seconds=settings.crawl_margin_seconds),
    )


if __name__ == "__main__":
    run_service("cataloger", CatalogerSettings, build)
