"""Which manifest of the stage before a generation builds on, and what it was made from."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import FileNotRecorded, UpstreamMissing
from shared.events import Replay
from shared.layout import ManifestName, failure_key, manifest_key, opened_key, parse_manifest_key
from shared.lineage import lineage, open_generation, upstream_manifest
from shared.manifests import (
    CatalogManifest,
    DecryptManifest,
    GenerationOpened,
    Manifest,
    NormalizeManifest,
)
from shared.stages import Stage
from tests.builders import LANDED_AT, landed
from tests.doubles.s3 import InMemoryS3

FILE = landed()
REPLAY = Replay(replay_id="r", requested_by="me", requested_at=LANDED_AT)


class Records:
    """The manifests of one file."""

    def __init__(self) -> None:
        self.s3 = InMemoryS3()
        self.store = self.s3.store()

    def put(self, stage: Stage, generation: int, upstream: int | None = None) -> Manifest:
        facts: dict[str, Any] = {
            "file": FILE,
            "generation": generation,
            "upstream_generation": upstream,
            "fingerprint": "f",
            "attempt": 1,
            "started_at": LANDED_AT,
            "finished_at": LANDED_AT,
        }
        manifest: Manifest
        match stage:
            case Stage.DECRYPT:
                manifest = DecryptManifest(**facts, formats=(), members=())
            case Stage.NORMALIZE:
                manifest = NormalizeManifest(**facts, curated=())
            case _:
                manifest = CatalogManifest(**facts, tables=())
        key = manifest_key(FILE.file_id, stage, generation)
        self.s3.put("ingest", key, manifest.model_dump_json().encode())
        return manifest

    async def open(self, generation: int, from_stage: Stage) -> None:
        await open_generation(
            self.store,
            GenerationOpened(file=FILE, generation=generation, from_stage=from_stage, replay=REPLAY),
        )


async def test_a_generation_builds_on_its_own_manifest() -> None:
    records = Records()
    records.put(Stage.DECRYPT, 0)
    await records.open(1, Stage.DECRYPT)
    own = records.put(Stage.DECRYPT, 1)
    assert await upstream_manifest(records.store, FILE, DecryptManifest, 1) == own


async def test_a_generation_opened_at_a_later_stage_builds_on_the_newest_before_it() -> None:
    records = Records()
    records.put(Stage.DECRYPT, 0)
    newest = records.put(Stage.DECRYPT, 1)
    await records.open(3, Stage.NORMALIZE)
    records.put(Stage.DECRYPT, 4)
    assert await upstream_manifest(records.store, FILE, DecryptManifest, 3) == newest


async def test_a_generation_that_runs_through_the_stage_before_never_builds_on_an_older_one() -> None:
    records = Records()
    records.put(Stage.DECRYPT, 0)
    await records.open(1, Stage.DECRYPT)
    with pytest.raises(FileNotRecorded):
        await upstream_manifest(records.store, FILE, DecryptManifest, 1)


async def test_the_first_generation_has_nothing_older_to_build_on() -> None:
    with pytest.raises(FileNotRecorded):
        await upstream_manifest(Records().store, FILE, DecryptManifest, 0)


async def test_a_generation_that_begins_later_misses_a_manifest_that_was_deleted() -> None:
    records = Records()
    await records.open(1, Stage.NORMALIZE)
    with pytest.raises(UpstreamMissing):
        await upstream_manifest(records.store, FILE, DecryptManifest, 1)


async def test_a_lineage_follows_the_generations_each_stage_was_made_from() -> None:
    records = Records()
    decrypted = records.put(Stage.DECRYPT, 0)
    records.put(Stage.DECRYPT, 2)
    normalized = records.put(Stage.NORMALIZE, 1, upstream=0)
    cataloged = records.put(Stage.CATALOG, 3, upstream=1)
    assert await lineage(records.store, cataloged) == [decrypted, normalized, cataloged]


async def test_a_lineage_ends_where_a_manifest_was_deleted() -> None:
    records = Records()
    cataloged = records.put(Stage.CATALOG, 0)
    records.put(Stage.DECRYPT, 0)
    assert await lineage(records.store, cataloged) == [cataloged]


def test_the_name_of_a_record_tells_what_it_is() -> None:
    file_id = FILE.file_id
    told = [
        parse_manifest_key(key)
        for key in (
            manifest_key(file_id, Stage.CATALOG, 12),
            failure_key(file_id, Stage.DECRYPT, 0, 3),
            opened_key(file_id, 2),
        )
    ]
    assert told == [
        ManifestName(file_id, Stage.CATALOG, 12, 0),
        ManifestName(file_id, Stage.DECRYPT, 0, 3),
        ManifestName(file_id, None, 2, 0),
    ]
    assert parse_manifest_key("manifests/2026/01/31/x/notes.txt") is None
