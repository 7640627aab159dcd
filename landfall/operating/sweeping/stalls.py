"""Files that make no progress, and no stage says why: made error outcomes, and asked for once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from landfall.operating.found import Found, identity
from landfall.operating.replay_plans import Plan
from landfall.operating.replaying import Pace
from landfall.operating.states import FileState
from landfall.operating.survey import survey
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.telling import tell
from landfall.times import span
from shared.errors import LandfallError, OtherDeployment, Stalled, Unversioned
from shared.events import Replay
from shared.failures import Subject
from shared.identity import LandedFile
from shared.layout import manifest_prefix
from shared.lineage import read_opening
from shared.messages import Message
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class _Stall:
    """A file, and where it stands still since when."""

    kind: Kind
    file: LandedFile
    generation: int
    stage: Stage
    since: datetime
    replay: Replay | None = None
    """Who had it run again, where somebody did."""


async def sweep_stalls(tools: Tools) -> list[Finding]:
    """Look at every file of the days, and at all that is in landing/ or was opened again."""
    found = await survey(tools.store, tools.bucket, tools.days)
    tools.surveyed.append(found)
    foreign: list[Finding] = []
    stalls = [
        _Stall(Kind.NOT_STARTED, file, 0, Stage.DECRYPT, file.landed_at)
        for file in found.landed
        if file.landed_at < tools.stalled_before
    ]
    for state in found.unfinished:
        if state.file_id in tools.sent_back:
            continue
        if state.status == "in progress" and state.since < tools.stalled_before:
            try:
                stall = await _stall(tools, state)
            except OtherDeployment as error:
                where = f"s3://{tools.bucket}/{manifest_prefix(state.file_id)}"
                foreign.append(Finding(Kind.OTHER_DEPLOYMENT, where, error.message, state.file_id))
                continue
            if stall is not None:
                stalls.append(stall)
    return foreign + [await _settle(tools, stall) for stall in stalls]


async def _stall(tools: Tools, state: FileState) -> _Stall | None:
    file = await identity(tools.store, tools.bucket, Found(state.file_id, state))
    if file is None:
        return None
    opened = await read_opening(tools.store, file, state.generation)
    stage = state.next or (opened.from_stage if opened else Stage.DECRYPT)
    return _Stall(Kind.STALLED, file, state.generation, stage, state.since, opened.replay if opened else None)


async def _settle(tools: Tools, stall: _Stall) -> Finding:
    file = stall.file
    standing = span((tools.now - stall.since).total_seconds())
    done = None
    error: LandfallError = Stalled(f"no progress at {stall.stage} for {standing}")
    detail = f"stands at {stall.stage}, generation {stall.generation}, for {standing}"
    is_asked_for = file.has_own_version or stall.stage is not Stage.DECRYPT
    if not is_asked_for:
        error = Unversioned("the landed object has no version of its own")
        detail += f": {error.message} ({error.code})"
    if tools.announce:
        subject = Subject(file, stall.generation, stall.replay)
        if await tell(tools, subject, stall.stage, error, _message(stall)):
            done = "announced"
    if done and tools.fix and is_asked_for:
        plan = Plan(file, stall.generation, stall.stage, opens=False)
        await tools.requests.send([plan], Pace(0))
        done = "announced, and asked for once more"
    return Finding(
        kind=stall.kind,
        where=f"s3://{file.bucket}/{file.key}",
        detail=detail,
        file_id=file.file_id,
        done=done,
    )


def _message(stall: _Stall) -> Message:
    """Stands for the message nobody has."""
    return Message(f"sweep-{stall.stage}-{stall.generation}", receipt="", body="", receive_count=0)
