"""How old the files in flight are: what the alarms watch, since SQS does not count the messages of retries.

SQS leaves messages that were received three times or more out of ApproximateAgeOfOldestMessage. Manifests and
landing/ know every file, whatever became of its message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from landfall.operating.states import LISTINGS_AT_ONCE, FileState, Record
from landfall.operating.survey import Survey
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from shared.concurrency import for_each
from shared.errors import Stalled
from shared.layout import opened_key
from shared.manifests import FailureManifest, GenerationOpened
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class Progress:
    """The files in flight."""

    oldest: dict[Stage, float]
    """Seconds since the oldest file of a stage landed, or was opened again; only of stages with files."""
    stalled: int
    """Files without progress, those too that an earlier sweep has announced."""


async def progress_of(tools: Tools, found: Survey, findings: Iterable[Finding]) -> Progress:
    """Measure the files in flight.

    A file that a sweep announced as STALLED is in flight still: no stage has given it up.

    Args:
        tools: Of this sweep.
        found: What the sweep saw before it announced anything.
        findings: Of this sweep.
    """
    seen = list(findings)
    stalled = {each.file_id for each in seen if each.kind in (Kind.STALLED, Kind.NOT_STARTED)}
    foreign = {each.file_id for each in seen if each.kind is Kind.OTHER_DEPLOYMENT}
    ours = [state for state in found.unfinished if state.file_id not in foreign]
    failed = [state for state in ours if state.status == "failed"]
    announced = await for_each(failed, lambda state: _is_stalled(tools, state), LISTINGS_AT_ONCE)
    held = [state for state, is_stalled in zip(failed, announced, strict=True) if is_stalled]
    moving = [state for state in ours if state.status == "in progress"]

    async def placed(state: FileState) -> tuple[Stage, datetime]:
        return state.next or await _first_stage(tools, state), await _in_flight_since(tools, found, state)

    files = [(Stage.DECRYPT, file.landed_at) for file in found.landed]
    files += await for_each([*moving, *held], placed, LISTINGS_AT_ONCE)
    oldest: dict[Stage, float] = {}
    for stage, since in files:
        oldest[stage] = max(oldest.get(stage, 0.0), (tools.now - since).total_seconds())
    return Progress(oldest, len(stalled | {state.file_id for state in held}))


async def _is_stalled(tools: Tools, state: FileState) -> bool:
    return state.failed is not None and await _says_stalled(tools, state.failures(state.failed)[-1])


async def _in_flight_since(tools: Tools, found: Survey, state: FileState) -> datetime:
    """When the file landed, or was opened again.

    A file that a stage gave up and an operator sent back counts from the first record after that: how long it
    lay among the dead letters is no delay of the chain.
    """
    records = [record for record in state.records if record.name.generation == state.generation]
    failures = sorted((each for each in records if each.name.failure), key=lambda record: record.at)
    for failure in reversed(failures):
        if not await _says_stalled(tools, failure):
            later = [record.at for record in records if record.at > failure.at]
            return min(later, default=failure.at)
    landed = found.landing.get(state.file_id)
    if landed is None or state.generation:
        return min(record.at for record in records)
    return landed.landed_at


async def _says_stalled(tools: Tools, failure: Record) -> bool:
    body = await tools.store.read(tools.bucket, failure.key)
    try:
        return body is not None and FailureManifest.model_validate_json(body).code == Stalled.code
    except ValidationError:  # a damaged record: the sweep of dead letters reports it
        return False


async def _first_stage(tools: Tools, state: FileState) -> Stage:
    """Where a generation begins that nothing is recorded of yet."""
    body = await tools.store.read(tools.bucket, opened_key(state.file_id, state.generation))
    try:
        return Stage.DECRYPT if body is None else GenerationOpened.model_validate_json(body).from_stage
    except ValidationError:
        return Stage.DECRYPT
