"""One file's way through the cataloger, up to its manifest and event."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.cataloger.appending import ByCrawl, Directly
from services.cataloger.crawler import Crawler
from services.cataloger.crawls import CrawlLedger, CrawlRules
from services.cataloger.handler import CatalogHandler
from services.cataloger.looks import Looks
from services.cataloger.needs import needs_of
from services.cataloger.slots import WorkSlots
from shared.commit import Committer
from shared.errors import FileNotRecorded, SnapshotShrunk, UnreadableMessage
from shared.events import FileArchived, FileCataloged, FileNormalized
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.lineage import open_generation
from shared.manifests import CatalogManifest, GenerationOpened
from shared.messages import Message
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.histories import REPLAY
from tests.unit.cataloger.files import DAY, Lake, appended, extract, normalized, snapshot

MARGIN = timedelta(seconds=5)
MESSAGE = Message("m1", "r1", "{}", 1)
FILE = extract(31)


class House:
    """A cataloger in direct mode over a lake."""

    def __init__(self) -> None:
        self.lake, self.events = Lake(), InMemoryEvents()

    def handler(self, *, direct: bool = True) -> CatalogHandler:
        store, tables, slots = self.lake.s3.store(), self.lake.tables(), WorkSlots(8)
        rules = CrawlRules(min_interval=0, poll=0.001, limit=5, tries=3)
        ledger = CrawlLedger(Crawler(self.lake.glue.client(), "crawler"), rules, self.lake.glue.clock)
        return CatalogHandler(
            store=store,
            committer=Committer(store, self.events.bus(), CatalogManifest, FileCataloged),
            appends=Directly(tables) if direct else ByCrawl(ledger, Looks(tables), slots, MARGIN),
            snapshots=self.lake.snapshots(),
            slots=slots,
        )

    async def open(self, file: LandedFile, generation: int, *, accepts_shrink: bool = False) -> None:
        """As an operator has a file run again from the catalog stage on."""
        opened = GenerationOpened(
            file=file,
            generation=generation,
            from_stage=Stage.CATALOG,
            replay=REPLAY,
            accepts_shrink=accepts_shrink,
        )
        await open_generation(self.lake.s3.store(), opened)

    def manifest(self, file: LandedFile, generation: int = 0) -> CatalogManifest:
        key = manifest_key(file.file_id, Stage.CATALOG, generation)
        return CatalogManifest.model_validate_json(self.lake.s3.objects[file.bucket, key])


def event(file: LandedFile, generation: int = 0) -> FileNormalized:
    return FileNormalized(event_id="e", file=file, generation=generation, manifest_key="k")


async def test_a_file_is_catalogued_and_said_to_be() -> None:
    house = House()
    house.lake.put(FILE, appended(FILE), snapshot(FILE))
    await house.handler().handle(event(FILE), MESSAGE)
    assert [each.table for each in house.manifest(FILE).tables] == ["sent", "subscribers"]
    assert [type(each) for each in house.events.published] == [FileCataloged]


async def test_a_crawl_counts_from_the_time_that_s3_gives_the_normalizers_manifest() -> None:
    house = House()
    house.lake.put(FILE, appended(FILE))
    await house.lake.tables().bring_up(needs_of(normalized(FILE, appended(FILE))))
    written = house.lake.s3.versions["ingest", manifest_key(FILE.file_id, Stage.NORMALIZE, 0)][
        -1
    ].last_modified
    glue = house.lake.glue
    for seconds in (4, 5, 6):
        glue.now = written + timedelta(seconds=seconds)
        glue.begin_crawl("COMPLETED")
    await house.handler(direct=False).handle(event(FILE), MESSAGE)
    crawl = house.manifest(FILE).crawl
    assert crawl is not None
    assert crawl.started_at == written + timedelta(seconds=6)
    assert glue.starts == 0


async def test_a_superseded_snapshot_is_reported_with_the_file() -> None:
    house = House()
    older = extract(30)
    for file in (FILE, older):
        house.lake.put(file, snapshot(file))
        await house.handler().handle(event(file), MESSAGE)
    assert [notice.code for notice in house.manifest(older).warnings] == ["SNAPSHOT_SUPERSEDED"]
    assert house.manifest(FILE).warnings == ()


async def fails(house: House, file: LandedFile, generation: int = 0) -> str:
    """Have a file handled that fails because a snapshot is held back; the message."""
    with pytest.raises(SnapshotShrunk) as caught:
        await house.handler().handle(event(file, generation), MESSAGE)
    return caught.value.message


async def test_a_snapshot_is_held_back_alone_and_then_the_file_fails() -> None:
    house = House()
    before = extract(30)
    house.lake.put(before, snapshot(before, "bu1", rows=9), snapshot(before, "bu2", rows=9))
    await house.handler().handle(event(before), MESSAGE)
    house.events.published.clear()

    house.lake.put(FILE, appended(FILE), snapshot(FILE, "bu1", rows=0), snapshot(FILE, "bu2", rows=8))
    message = await fails(house, FILE)

    assert "source bu1" in message
    assert "bu2" not in message
    assert ("sent", (DAY,)) in house.lake.glue.partitions
    assert house.lake.location("bu1") == snapshot(before, "bu1").location
    assert house.lake.location("bu2") == snapshot(FILE, "bu2").location
    assert house.events.published == []
    assert ("ingest", manifest_key(FILE.file_id, Stage.CATALOG, 0)) not in house.lake.s3.objects


async def test_every_snapshot_that_is_held_back_is_named() -> None:
    house = House()
    house.lake.put(FILE, snapshot(FILE, "bu1", rows=0), snapshot(FILE, "bu2", rows=0))

    message = await fails(house, FILE)

    assert "source bu1" in message
    assert "source bu2" in message


@pytest.mark.parametrize("direct", [True, False])
async def test_a_generation_that_accepts_it_switches_without_normalising_again(direct: bool) -> None:
    house = House()
    before = extract(30)
    house.lake.put(before, snapshot(before, rows=9))
    house.lake.put(FILE, snapshot(FILE, rows=0))
    await house.handler(direct=direct).handle(event(before), MESSAGE)
    await fails(house, FILE)

    await house.open(FILE, 1, accepts_shrink=True)
    await house.handler(direct=direct).handle(event(FILE, 1), MESSAGE)

    manifest = house.manifest(FILE, 1)
    assert house.lake.location() == snapshot(FILE).location
    assert ([each.code for each in manifest.warnings], manifest.made_from) == (["SHRINK_ACCEPTED"], 0)


async def test_a_generation_that_only_begins_again_is_held_back_again() -> None:
    house = House()
    house.lake.put(FILE, snapshot(FILE, rows=0))
    await fails(house, FILE)

    await house.open(FILE, 1)

    await fails(house, FILE, 1)


async def test_consent_is_for_one_generation() -> None:
    house = House()
    before = extract(30)
    house.lake.put(before, snapshot(before, rows=9))
    house.lake.put(FILE, snapshot(FILE, rows=0))
    await house.handler().handle(event(before), MESSAGE)
    await house.open(FILE, 1, accepts_shrink=True)
    await house.open(FILE, 2)

    await fails(house, FILE, 2)


async def test_a_repeated_message_only_repeats_the_event() -> None:
    house = House()
    house.lake.put(FILE, appended(FILE))
    await house.handler().handle(event(FILE), MESSAGE)
    house.lake.glue.calls.clear()
    await house.handler().handle(event(FILE), MESSAGE)
    assert not house.lake.glue.calls
    first, second = house.events.published
    assert first == second


async def test_of_a_file_that_no_stage_has_recorded_nothing_is_done() -> None:
    with pytest.raises(FileNotRecorded):
        await House().handler().handle(event(FILE), MESSAGE)


async def test_what_is_not_for_the_cataloger_is_refused() -> None:
    archived = FileArchived(event_id="e", file=FILE, generation=0, manifest_key="k")
    with pytest.raises(UnreadableMessage, match="FileArchived"):
        await House().handler().handle(archived, MESSAGE)
