"""Rejected rows are there while a manifest lists them, or a failure needs them; else they are gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.normalizer.errors import TooManyBadRows
from shared.layout import failure_key, quarantine_key, quarantine_prefix
from shared.stages import Stage
from tests.doubles.executors import Reserved
from tests.unit.normalizer.decrypted import NOW, Normalizing
from tests.unit.normalizer.normalizing import recipe_of

REJECTING = recipe_of("SendID: {type: bigint, required: true}\nKey: {hash: identifier}", max_rejected="0.5")
STRICT = recipe_of("SendID: {type: bigint, required: true}\nKey: {hash: identifier}", max_rejected="0")
LENIENT = recipe_of("SendID: {type: string, required: true}\nKey: {hash: identifier}")
MISSPELT = recipe_of(
    "SendID: {type: string, required: true}\nKey: {type: bigint, required: true}", max_rejected="1"
)


@pytest.fixture(autouse=True)
async def _files_leave_the_loop_the_threads_that_it_resolves_names_in() -> None:
    asyncio.get_running_loop().set_default_executor(Reserved())


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
