"""Dead letters of which nobody has said anything, and those that no longer mean anything."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

from pydantic import ValidationError

from landfall.operating.dead_letters import UNDELIVERED, DeadLetter, held
from landfall.operating.letter_moves import drop, send_back
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.subjects import UnreadableLetter, subjects_of
from landfall.operating.sweeping.telling import announce, tell
from shared.errors import REJECTION_CODES, WorkerDied
from shared.failures import Subject
from shared.layout import failure_key, told_key
from shared.lineage import generations_of, is_superseded, recorded
from shared.manifests import FailureManifest
from shared.messages import Message


class _Fate(Enum):
    """What became of the work that a letter asks for."""

    OPEN = auto()
    """It is not done."""
    UNFINISHED = auto()
    """Its stage succeeded, and perhaps has not told anybody, nor cleared away what others left."""
    OUTLIVED = auto()
    """The file was run again."""


async def sweep_letters(tools: Tools) -> list[Finding]:
    """Look at every dead letter; those that stay are visible again afterwards."""
    holding = held(tools.letters, tools.deployment.queues)
    letters = await asyncio.to_thread(holding.__enter__)
    try:
        found = [await _look_alone(tools, letter) for letter in letters]
    finally:
        await asyncio.to_thread(holding.__exit__, None, None, None)
    return [finding for finding in found if finding is not None]


async def _look_alone(tools: Tools, letter: DeadLetter) -> Finding | None:
    """As :func:`_look`; a letter that nothing can be made of does not keep the others from it."""
    try:
        return await _look(tools, letter)
    except UnreadableLetter as error:
        why = str(error)
    except ValidationError:
        why = "what is recorded of its file cannot be read"
    return _finding(Kind.UNREADABLE_LETTER, letter, why)


async def _look(tools: Tools, letter: DeadLetter) -> Finding | None:
    if letter.is_report:
        return _finding(Kind.UNDELIVERED_REPORT, letter, "a failure that could not be announced")
    if letter.code == UNDELIVERED:
        if tools.fix:
            await asyncio.to_thread(send_back, tools.letters, tools.deployment.queues, [letter])
        done = "sent on to its queue" if tools.fix else None
        return _finding(Kind.UNDELIVERED_EVENT, letter, letter.reason, done)
    fates = [(subject, await _fate(tools, letter, subject)) for subject in await subjects_of(tools, letter)]
    kinds = {fate for _, fate in fates}
    if kinds == {_Fate.OUTLIVED}:
        if tools.fix:
            await asyncio.to_thread(drop, tools.letters, tools.deployment.queues, [letter])
        done = "dropped" if tools.fix else None
        return _finding(Kind.OUTLIVED_LETTER, letter, "its file was run again since", done)
    if _Fate.UNFINISHED in kinds and letter.code in REJECTION_CODES:
        # Its worker refused the message as such. Sent back, it would be refused again, as another message
        # with an outcome of its own. Nothing depends on it: a file that lacks a stage is found as stalled.
        return _finding(Kind.MISROUTED_DEAD_LETTER, letter, letter.reason)
    if _Fate.UNFINISHED in kinds and _Fate.OPEN not in kinds:
        if tools.fix:
            await asyncio.to_thread(send_back, tools.letters, tools.deployment.queues, [letter])
            tools.sent_back.update(subject.file.file_id for subject, _ in fates)
        done = "sent back to its queue" if tools.fix else None
        return _finding(Kind.UNFINISHED_SUCCESS, letter, "its stage succeeded, perhaps unheard", done)
    if letter.code != WorkerDied.code:
        return None  # the worker that sent it here has said why
    if not fates and not _is_of_another_bucket(tools, letter):
        return _finding(Kind.UNREADABLE_LETTER, letter, "it names no file of ours, and no worker said so")
    waiting = [subject for subject, fate in fates if fate is _Fate.OPEN]
    untold = [told for subject in waiting if (told := await _untold(tools, letter, subject)) is not None]
    if not untold:
        return None
    announced = [await _tell(tools, letter, each) for each in untold] if tools.announce else []
    return _finding(Kind.WORKER_DIED, letter, letter.reason, "announced" if any(announced) else None)


def _is_of_another_bucket(tools: Tools, letter: DeadLetter) -> bool:
    return any(file.bucket != tools.bucket for file in letter.files)


async def _fate(tools: Tools, letter: DeadLetter, subject: Subject) -> _Fate:
    """A stage that succeeded may have failed after its manifest: at clearing away, or at telling of it.

    That a later stage succeeded does not show that it has not: a sweep may have asked for that one. So the
    letter goes back. The stage does whatever is left to do and tells once more under the same ids, and the
    letter is gone for good.
    """
    names = await recorded(tools.store, subject.file)
    if is_superseded(names, subject.generation):
        return _Fate.OUTLIVED
    return _Fate.UNFINISHED if subject.generation in generations_of(names, letter.stage) else _Fate.OPEN


async def _untold(tools: Tools, letter: DeadLetter, subject: Subject) -> Subject | FailureManifest | None:
    """What nobody may have heard of yet: a run that no failure is recorded of, or its worker's own record.

    SQS keeps a message's id when it moves it, so the worker's record names the letter; the sweep's is made
    after it was announced and has an id of its own. A worker may have died between its record and the event.
    """
    own = None
    for name in await recorded(tools.store, subject.file):
        if name.stage is letter.stage and name.generation == subject.generation and name.failure:
            key = failure_key(subject.file.file_id, letter.stage, name.generation, name.failure)
            body = await tools.store.read(tools.bucket, key)
            failure = FailureManifest.model_validate_json(body) if body else None
            if failure is not None and failure.message_id == _own_id(letter):
                return None
            if failure is not None and failure.message_id == letter.message_id:
                own = failure
    if own is None:
        return subject
    return None if await tools.store.head(tools.bucket, _told(own)) else own


async def _tell(tools: Tools, letter: DeadLetter, untold: Subject | FailureManifest) -> bool:
    if isinstance(untold, Subject):
        message = Message(_own_id(letter), receipt="", body="", receive_count=letter.attempts or 0)
        return await tell(tools, untold, letter.stage, WorkerDied(letter.reason), message)
    file_id = untold.file.file_id
    key = failure_key(file_id, untold.stage, untold.generation, untold.attempt)
    await announce(tools, untold, key)
    await tools.store.put_if_absent(tools.bucket, _told(untold), b"{}")
    return True


def _told(failure: FailureManifest) -> str:
    return told_key(failure.file.file_id, failure.stage, failure.generation, failure.attempt)


def _own_id(letter: DeadLetter) -> str:
    return f"sweep-{letter.message_id}"


def _finding(kind: Kind, letter: DeadLetter, detail: str, done: str | None = None) -> Finding:
    where = f"{letter.stage} dead letter {letter.message_id}"
    return Finding(kind, where, detail, next(iter(letter.file_ids), None), done)
