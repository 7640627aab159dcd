"""Dead letters of which nobody has said anything, and those that no longer mean anything."""

from __future__ import annotations

import asyncio
from enum import Enum, auto

from botocore.exceptions import ClientError, ParamValidationError
from pydantic import ValidationError

from landfall.errors import OperatorError
from landfall.operating.dead_letters import UNDELIVERED, DeadLetter, held
from landfall.operating.letter_moves import drop, send_back
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.telling import announce, tell
from services.decryptor.originals import Originals
from shared.aws.faults import classify
from shared.errors import AwsRefused, LandfallError, WorkerDied
from shared.events import MessageRejected
from shared.failures import Subject
from shared.layout import failure_key, told_key
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
        found = [await _look_alone(tools, letter) for letter in letters]
    finally:
        await asyncio.to_thread(holding.__exit__, None, None, None)
    return [finding for finding in found if finding is not None]


async def _look_alone(tools: Tools, letter: DeadLetter) -> Finding | None:
    """As :func:`_look`; a letter that nothing can be made of does not keep the others from it."""
    try:
        return await _look(tools, letter)
    except ClientError as error:
        fault = classify(error)
        if not isinstance(fault, AwsRefused):  # AWS is away, or this role may not look: no letter's fault
            raise
        why = fault.message
    except ParamValidationError:
        why = "it names what no AWS request can"
    except ValidationError:
        why = "what is recorded of its file cannot be read"
    except OperatorError as error:
        why = error.message
    return _finding(Kind.UNREADABLE_LETTER, letter, why)


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
    if letter.code == WorkerDied.code and not letter.requests:
        return _finding(Kind.UNREADABLE_LETTER, letter, "no message of ours, and its worker did not say so")
    if letter.code != WorkerDied.code:
        return None  # the worker that sent it here has said why
    untold = [told for subject in subjects if (told := await _untold(tools, letter, subject)) is not None]
    if not untold:
        return None
    if tools.announce:
        for each in untold:
            await _tell(tools, letter, each)
    return _finding(Kind.WORKER_DIED, letter, letter.reason, "announced" if tools.announce else None)


async def _subjects(tools: Tools, letter: DeadLetter) -> list[Subject]:
    """Which runs over which files it is about, by the identity that S3 gives them."""
    subjects: list[Subject] = []
    for request in letter.requests:
        if isinstance(request, Skipped | MessageRejected):
            continue
        file = request.file
        if file.bucket != tools.bucket:
            continue
        if isinstance(request, LandingNotice):
            try:
                known = await Originals(tools.store, tools.bucket).identify(request)
            except LandfallError:
                continue  # gone, or outside landing/: there is nothing it could be told of
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


async def _tell(tools: Tools, letter: DeadLetter, untold: Subject | FailureManifest) -> None:
    if isinstance(untold, Subject):
        message = Message(_own_id(letter), receipt="", body="", receive_count=letter.attempts or 0)
        await tell(tools, untold, letter.stage, WorkerDied(letter.reason), message)
        return
    file_id = untold.file.file_id
    key = failure_key(file_id, untold.stage, untold.generation, untold.attempt)
    await announce(tools, untold, key)
    await tools.store.put_if_absent(tools.bucket, _told(untold), b"{}")


def _told(failure: FailureManifest) -> str:
    return told_key(failure.file.file_id, failure.stage, failure.generation, failure.attempt)


def _own_id(letter: DeadLetter) -> str:
    return f"sweep-{letter.message_id}"


def _finding(kind: Kind, letter: DeadLetter, detail: str, done: str | None = None) -> Finding:
    where = f"{letter.stage} dead letter {letter.message_id}"
    return Finding(kind, where, detail, next(iter(letter.file_ids), None), done)
