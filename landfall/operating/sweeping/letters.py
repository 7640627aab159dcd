"""Dead letters of which nobody has said anything, and those that no longer mean anything."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

from landfall.operating.dead_letters import UNDELIVERED, DeadLetter, held
from landfall.operating.letter_moves import drop, send_back
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.stalls import record
from services.decryptor.originals import Originals
from shared.errors import LandfallError, WorkerDied
from shared.events import MessageRejected
from shared.failures import Subject
from shared.layout import failure_key
from shared.lineage import generations_of, is_superseded, recorded
from shared.manifests import FailureManifest
from shared.messages import LandingNotice, Message, Skipped
from shared.stages import Stage


class _Fate(Enum):
    """What became of the work that a letter asks for."""

    OPEN = auto()
    """It is not done."""
    UNANNOUNCED = auto()
    """Its stage succeeded, and nothing shows that anybody was told, nor that what follows was done."""
    OUTLIVED = auto()
    """It went on to the next stage, or the file was run again."""


async def sweep_letters(tools: Tools) -> list[Finding]:
    """Look at every dead letter; those that stay are visible again afterwards."""
    holding = held(tools.letters, tools.deployment.queues)
    letters = await asyncio.to_thread(holding.__enter__)
    try:
        found = [await _look(tools, letter) for letter in letters]
    finally:
        await asyncio.to_thread(holding.__exit__, None, None, None)
    return [finding for finding in found if finding is not None]


async def _look(tools: Tools, letter: DeadLetter) -> Finding | None:
    if letter.is_report:
        return _finding(Kind.UNDELIVERED_REPORT, letter, "a failure that could not be announced")
    if letter.code == UNDELIVERED:
        if tools.fix:
            await asyncio.to_thread(send_back, tools.letters, tools.deployment.queues, [letter])
        done = "sent on to its queue" if tools.fix else None
        return _finding(Kind.UNDELIVERED_EVENT, letter, letter.reason, done)
    subjects = await _subjects(tools, letter)
    fates = {await _fate(tools, letter, subject) for subject in subjects}
    if fates == {_Fate.OUTLIVED}:
        if tools.fix:
            await asyncio.to_thread(drop, tools.letters, tools.deployment.queues, [letter])
        done = "dropped" if tools.fix else None
        return _finding(Kind.OUTLIVED_LETTER, letter, "its work was done since, or begun anew", done)
    if _Fate.UNANNOUNCED in fates and _Fate.OPEN not in fates:
        if tools.fix:
            await asyncio.to_thread(send_back, tools.letters, tools.deployment.queues, [letter])
        done = "sent back to its queue" if tools.fix else None
        return _finding(Kind.UNANNOUNCED_SUCCESS, letter, "its stage succeeded, perhaps unheard", done)
    if letter.code != WorkerDied.code:
        return None  # the worker that sent it here has said why
    untold = [subject for subject in subjects if not await _is_told(tools, letter, subject)]
    if not untold:
        return None
    if tools.announce:
        message = Message(letter.message_id, receipt="", body="", receive_count=letter.attempts or 0)
        for subject in untold:
            await record(tools, subject, letter.stage, WorkerDied(letter.reason), message)
    return _finding(Kind.WORKER_DIED, letter, letter.reason, "announced" if tools.announce else None)


async def _subjects(tools: Tools, letter: DeadLetter) -> list[Subject]:
    """Which runs over which files it is about, by the identity that S3 gives them."""
    subjects: list[Subject] = []
    for request in letter.requests:
        if isinstance(request, Skipped | MessageRejected):
            continue
        file = request.file
        if isinstance(request, LandingNotice):
            try:
                known = await Originals(tools.store, tools.bucket).identify(request)
            except LandfallError:
                continue  # gone, or of another bucket: there is nothing it could be told of
            if isinstance(known, Skipped):
                continue
            file = known.file
        subjects.append(Subject(file, request.generation, request.replay))
    return subjects


async def _fate(tools: Tools, letter: DeadLetter, subject: Subject) -> _Fate:
    """A stage that succeeded may have died before it said so; if a later one succeeded, it has said so.

    No stage comes after the archiver, so its letters always go back. It does whatever is left to do after its
    manifest, announces the outcome once more under the same id, and the letter is gone for good.
    """
    names = await recorded(tools.store, subject.file)
    if is_superseded(names, subject.generation):
        return _Fate.OUTLIVED
    done = [stage for stage in Stage if subject.generation in generations_of(names, stage)]
    if letter.stage not in done:
        return _Fate.OPEN
    return _Fate.OUTLIVED if any(letter.stage.precedes(stage) for stage in done) else _Fate.UNANNOUNCED


async def _is_told(tools: Tools, letter: DeadLetter, subject: Subject) -> bool:
    """Whether a sweep before this one has recorded it: SQS keeps a message's id when it moves it."""
    for name in await recorded(tools.store, subject.file):
        if name.stage is letter.stage and name.generation == subject.generation and name.failure:
            key = failure_key(subject.file.file_id, letter.stage, name.generation, name.failure)
            body = await tools.store.read(tools.bucket, key)
            if body and FailureManifest.model_validate_json(body).message_id == letter.message_id:
                return True
    return False


def _finding(kind: Kind, letter: DeadLetter, detail: str, done: str | None = None) -> Finding:
    where = f"{letter.stage} dead letter {letter.message_id}"
    return Finding(kind, where, detail, next(iter(letter.file_ids), None), done)
