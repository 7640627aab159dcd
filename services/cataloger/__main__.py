"""Run the cataloger: ``python -m services.cataloger``."""

from __future__ import annotations

from datetime import timedelta

from services.cataloger.appending import Appends, ByCrawl, Directly
from services.cataloger.crawler import Crawler
from services.cataloger.crawls import CrawlLedger, CrawlRules
from services.cataloger.former import FormerSnapshots
from services.cataloger.gluecatalog import GlueCatalog
from services.cataloger.handler import CatalogHandler
from services.cataloger.looks import Looks
from services.cataloger.settings import CatalogerSettings
from services.cataloger.slots import WorkSlots
from services.cataloger.snapshots import Snapshots
from services.cataloger.tables import Tables
from shared.commit import Committer
from shared.events import FileCataloged
from shared.manifests import CatalogManifest
from shared.worker.handler import Handler
from shared.worker.service import Parts, run_service

_AT_WORK = 64  # as many as there are connections to each AWS service


async def build(settings: CatalogerSettings, parts: Parts) -> Handler:
    """Wire the handler."""
    glue = await parts.clients.glue()
    tables = Tables(GlueCatalog(glue, settings.database), parts.store)
    grace = timedelta(seconds=settings.snapshot_grace_seconds)
    slots = WorkSlots(_AT_WORK)
    return CatalogHandler(
        store=parts.store,
        committer=Committer(parts.store, parts.bus, CatalogManifest, FileCataloged),
        appends=_appends(settings, tables, slots, Crawler(glue, settings.crawler)),
        snapshots=Snapshots(tables, FormerSnapshots(parts.store, grace)),
        slots=slots,
    )


def _appends(settings: CatalogerSettings, tables: Tables, slots: WorkSlots, crawler: Crawler) -> Appends:
    if settings.catalog_mode == "direct":
        return Directly(tables)
    rules = CrawlRules(
        min_interval=settings.crawl_min_interval_seconds,
        poll=settings.crawl_poll_seconds,
        limit=settings.crawl_limit_seconds,
        tries=settings.crawl_tries,
    )
    margin = timedelta(seconds=settings.crawl_margin_seconds)
    ledger = CrawlLedger(crawler, rules)
    return ByCrawl(ledger, Looks(tables), slots, margin, only_if_needed=settings.crawl_only_if_needed)


if __name__ == "__main__":
    # Its files wait for crawls nearly all the time: one of them would always be protected. To be handed back
    # costs each a receive, of which its queue has more for that (docs/reliability.md).
    run_service("cataloger", CatalogerSettings, build, protects_work=False)
