"""Rejected rows are there while a manifest lists them, or a failure needs them; else they are gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.normalizer.crew.crew import Crew
from services.normalizer.errors import TooManyBadRows
from services.normalizer.footprint import row_footprint
from services.normalizer.handler import NormalizeHandler
from services.normalizer.pepper import Pepper
from services.normalizer.recipes import Recipe, RecipeBook
from shared.commit import Committer
from shared.events import FileDecrypted, FileNormalized, ReplayRequested
from shared.layout import failure_key, manifest_key, quarantine_key, quarantine_prefix
from shared.lineage import open_generation
from shared.manifests import (
    CuratedObject,
    DecryptManifest,
    GenerationOpened,
    NormalizeManifest,
    RawMember,
    StoredObject,
)
from shared.messages import Message
from shared.objects.store import GENERATION
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History
from tests.unit.normalizer.normalizing import recipe_of

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CSV = b"SendID,Key\r\n1,k1\r\n2,k2\r\nthree,k3\r\n"  # the third row is bad where SendID is a number
REJECTING = recipe_of("SendID: {type: bigint, required: true}\nKey: {hash: identifier}", max_rejected="0.5")
STRICT = recipe_of("SendID: {type: bigint, required: true}\nKey: {hash: identifier}", max_rejected="0")
LENIENT = recipe_of("SendID: {type: string, required: true}\nKey: {hash: identifier}")
MISSPELT = recipe_of(
    "SendID: {type: string, required: true}\nKey: {type: bigint, required: true}", max_rejected="1"
)


class _Secret:
    def __init__(self, version: str) -> None:
        self._pepper = Pepper(b"a pepper of some bytes", version)

    async def current(self) -> Pepper:
        return self._pepper


class Normalizing(History):
    """A decrypted file of one member, and the normalizer."""

    def __init__(self) -> None:
        super().__init__(InMemoryS3(), "landing/things.csv")
        raw = self.s3.put("ingest", f"raw/{self.file_id}/things.csv", CSV, {GENERATION: "0"})
        stored = StoredObject(
            bucket="ingest", key=f"raw/{self.file_id}/things.csv", size=len(CSV), etag=raw.etag
        )
        manifest = DecryptManifest(
            **self._facts(0, 1, None),
            formats=("plain",),
            members=(RawMember(name="things.csv", object=stored),),
        )
        self._record(manifest)

    async def run(
        self,
        recipe: Recipe,
        generation: int = 0,
        receives: int = 1,
        pepper: str | None = None,
        sent_at: datetime = NOW,
    ) -> None:
        store = self.s3.store()
        handler = NormalizeHandler(
            store=store,
            committer=Committer(
                store,
                InMemoryEvents().bus(),
                NormalizeManifest,
                FileNormalized,
                row_footprint(store, "curated"),
            ),
            recipes=RecipeBook([recipe]),
            curated_bucket="curated",
            crew=Crew(),
            pepper=None if pepper is None else _Secret(pepper),  # type: ignore[arg-type] # all that is asked
        )
        request: FileDecrypted | ReplayRequested
        if generation:
            opened = GenerationOpened(
                file=self.file, generation=generation, from_stage=Stage.NORMALIZE, replay=REPLAY
            )
            await open_generation(store, opened)
            request = ReplayRequested(file=self.file, generation=generation, replay=REPLAY)
        else:
            request = FileDecrypted(file=self.file, generation=0, event_id="e", manifest_key="m")
        body = json.dumps({"time": NOW.isoformat()})
        await handler.handle(request, Message("m", "r", body, receives, sent_at))

    def curated(self, generation: int = 0) -> CuratedObject:
        key = manifest_key(self.file_id, Stage.NORMALIZE, generation)
        (curated,) = NormalizeManifest.model_validate_json(self.s3.objects["ingest", key]).curated
        return curated

    @property
    def quarantine(self) -> list[str]:
        """Every key that has a version, a deleted one too, as long as its content can be read."""
        return sorted(
            key
            for (_, key), versions in self.s3.versions.items()
            if key.startswith("quarantine/") and versions
        )

    def leave(self, stem: str, generation: int = 0) -> str:
        """Rejected rows that a run put which then died."""
        key = quarantine_key(self.file_id, stem)
        self.s3.put("ingest", key, b"{}", {GENERATION: str(generation)})
        return key

    def forget_manifest(self) -> None:
        """As if the run had died between its outputs and its manifest."""
        del self.s3.versions["ingest", manifest_key(self.file_id, Stage.NORMALIZE, 0)]


async def test_the_manifest_lists_rejected_rows_and_they_stay() -> None:
    file = Normalizing()
    await file.run(REJECTING)
    await file.run(REJECTING, receives=2)
    assert file.quarantine == [file.curated().quarantine_key]


async def test_a_replay_that_rejects_nothing_leaves_no_rejected_rows() -> None:
    file = Normalizing()
    await file.run(REJECTING)
    await file.run(LENIENT, generation=1)
    assert file.curated(1).quarantine_key is None
    assert file.quarantine == []


async def test_a_replay_that_rejects_leaves_its_own_rejected_rows_alone() -> None:
    file = Normalizing()
    await file.run(REJECTING)
    await file.run(REJECTING, generation=1)
    assert file.quarantine == [file.curated(1).quarantine_key]
    assert file.curated(0).quarantine_key not in file.quarantine


async def test_a_run_that_failed_leaves_the_rows_it_failed_for() -> None:
    file = Normalizing()
    with pytest.raises(TooManyBadRows):
        await file.run(STRICT)
    assert len(file.quarantine) == 1


async def test_a_replay_that_fails_leaves_its_rejected_rows_beside_those_that_stand() -> None:
    file = Normalizing()
    await file.run(REJECTING)
    with pytest.raises(TooManyBadRows):
        await file.run(STRICT, generation=1)
    await file.run(REJECTING, receives=2)  # late, and superseded: it cleans up beside generation 0
    assert len(file.quarantine) == 2
    assert file.curated(0).quarantine_key in file.quarantine


async def test_the_rows_a_file_failed_for_go_once_it_succeeds_even_at_a_message_that_is_new() -> None:
    file = Normalizing()
    with pytest.raises(TooManyBadRows):
        await file.run(STRICT)
    file.s3.put("ingest", failure_key(file.file_id, Stage.NORMALIZE, 0, 1), b"{}")
    await file.run(LENIENT)
    assert file.quarantine == []


async def test_what_a_run_that_died_left_in_quarantine_goes_with_the_next_try() -> None:
    file = Normalizing()
    file.leave("things.csv.0.0ldrec1p")
    dead = await file.s3.create_multipart_upload(
        Bucket="ingest", Key=quarantine_key(file.file_id, "things.csv.0.dead"), Metadata={}
    )
    other = await file.s3.create_multipart_upload(
        Bucket="ingest", Key="quarantine/2026/01/31/another/x.jsonl", Metadata={}
    )
    await file.run(REJECTING, receives=2)
    assert file.quarantine == [file.curated().quarantine_key]
    assert dead["UploadId"] not in file.s3.uploads
    assert other["UploadId"] in file.s3.uploads


async def test_a_run_that_was_superseded_takes_its_rejected_rows_back() -> None:
    file = Normalizing()
    await file.run(REJECTING)
    await file.run(LENIENT, generation=1)
    file.leave("things.csv.0.late")  # of the first generation, put after the second had looked
    await file.run(REJECTING, receives=2)
    assert file.quarantine == []


async def test_rejected_rows_of_a_later_generation_stay() -> None:
    file = Normalizing()
    later = file.leave("things.csv.1.atwork", generation=1)
    await file.run(LENIENT, receives=2)
    assert file.quarantine == [later]


@pytest.mark.parametrize("pepper", [None, "p1"])
async def test_with_an_object_of_another_run_its_rejected_rows_are_kept_and_ours_are_not(
    pepper: str | None,
) -> None:
    file = Normalizing()
    await file.run(REJECTING, pepper=pepper)
    theirs = file.curated().quarantine_key
    file.forget_manifest()
    await file.run(MISSPELT, receives=2)
    assert file.curated().rows.rejected == 1
    assert file.curated().quarantine_key == theirs
    assert file.quarantine == [theirs]


async def test_what_a_run_left_that_died_is_gone_when_its_dead_letter_is_sent_back() -> None:
    """SQS itself moved the letter, so no failure is recorded, and counts its receives anew."""
    file = Normalizing()
    rejects = file.s3.put("ingest", quarantine_key(file.file_id, "of an older recipe"), b"x")
    await file.run(REJECTING, sent_at=NOW + timedelta(hours=1))
    assert rejects not in file.s3.versions["ingest", quarantine_key(file.file_id, "of an older recipe")]
    assert file.curated().quarantine_key is not None


async def test_an_ordinary_file_is_not_looked_for_in_quarantine() -> None:
    file = Normalizing()
    asked: list[Any] = []
    paginator = file.s3.get_paginator

    class Noting:
        def __init__(self, operation: str) -> None:
            self._operation = operation

        def paginate(self, **call: Any) -> Any:
            asked.append((self._operation, call.get("Prefix", "")))
            return paginator(self._operation).paginate(**call)

    file.s3.get_paginator = Noting  # type: ignore[method-assign] # to look on
    await file.run(REJECTING)
    assert asked
    assert {operation for operation, _ in asked} == {"list_objects_v2"}
    assert quarantine_prefix(file.file_id) not in {prefix for _, prefix in asked}
