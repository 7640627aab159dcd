"""One message from parsing to its settlement: deleted, delayed, or dead-lettered with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto

from structlog.contextvars import bound_contextvars

from shared.aws.faults import AWS_ERRORS, classify
from shared.errors import (
    LandfallError,
    MessageHeldTooLong,
    PermanentError,
    RejectedMessage,
    TransientError,
    Unexpected,
    UnreadableMessage,
    WrongBucket,
)
from shared.events import FileFailed, MessageRejected
from shared.failures import Failures, Subject, Verdict
from shared.logs import about, get_logger
from shared.messages import AboutNoFile, LandingNotice, Message, Request, Skipped, Unreadable, parse_message
from shared.metrics import failed, retried
from shared.worker.backoff import Backoff
from shared.worker.handler import Handler, Identifies
from shared.worker.queue import Queue
from shared.worker.rejections import rejections

log = get_logger()

MAX_HOLD_SECONDS = 11.5 * 3600
"""From its receive SQS hides a message for twelve hours at most, whatever heartbeats ask for."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """What came of one request; ``in_work`` tells whether it was known whose it is.

    ``records`` of the message ask for the same.
    """

    request: Request
    error: LandfallError
    in_work: bool
    records: int

    @property
    def is_rejection(self) -> bool:
        """Whether it is about no file of ours, so that there is none to record a failure of."""
        return isinstance(self.error, RejectedMessage) and not _is_report(self.request)


class _Lot(Enum):
    """What a message deserves for one request's sake."""

    DELETED = auto()
    AGAIN = auto()
    DEAD_LETTER = auto()


@dataclass(frozen=True, slots=True)
class Job:
    """Runs the handler on every request of a message and settles the message by the worst that came of it."""

    queue: Queue
    handler: Handler
    failures: Failures
    backoff: Backoff
    max_receives: int
    bucket: str

    async def run(self, message: Message) -> None:
        """Work on one message; every failure ends as a delay or as an outcome, never as an exception."""
        try:
            await self._run(message)
        except (*AWS_ERRORS, LandfallError) as error:
            # Settling itself failed: the message comes back when its time-out ends.
            log.warning("settling_failed", error_type=type(error).__name__)

    async def _run(self, message: Message) -> None:
        try:
            requests = parse_message(message.body)
        except UnreadableMessage as unreadable:
            log.error("message_rejected", code=unreadable.code, reason=unreadable.message)
            await self.failures.reject(message, unreadable)
            await self.queue.dead_letter(message, unreadable, self.handler.stage, file_id="")
            return
        held_until = asyncio.get_running_loop().time() + MAX_HOLD_SECONDS
        failures: list[_Failed] = []
        for request, records in _once_each(requests):
            error, known, in_work = await self._attempt(request, message, held_until)
            if error is not None:
                failures.append(_Failed(known, error, in_work, records))
        await self._settle(message, failures, is_one_of_many=len(requests) > 1)

    async def _attempt(
        self, request: Request, message: Message, held_until: float
    ) -> tuple[LandfallError | None, Request, bool]:
        """Work on one request.

        Returns:
            What failed, the request as far as its file is known, and whether it was known.
        """
        if isinstance(request, Skipped):
            log.info("record_skipped", reason=request.reason)
            return None, request, False
        if isinstance(request, Unreadable):
            return UnreadableMessage(request.reason), request, False
        known: Request = request
        in_work = False
        with bound_contextvars(**_about(request), stage=self.handler.stage):
            try:
                self._require_ours(request)
                async with _held(held_until):
                    if isinstance(self.handler, Identifies):
                        known = await self.handler.identify(request)
                    in_work = True
                    with bound_contextvars(**_about(known)):
                        await self.handler.handle(known, message)
            except LandfallError as error:
                log.warning("attempt_failed", code=error.code, reason=error.message)
                return error, known, in_work
            except AWS_ERRORS as error:
                fault = classify(error)
                log.warning("attempt_failed", code=fault.code, reason=fault.message)
                return fault, known, in_work
            except Exception as error:
                # The worker's edge: a defect, too, must become an outcome.
                log.error("attempt_failed", code=Unexpected.code, exc_info=error)
                return Unexpected(f"an unforeseen {type(error).__name__}"), known, in_work
        return None, known, in_work

    async def _settle(
        self, message: Message, failures: Sequence[_Failed], *, is_one_of_many: bool = False
    ) -> None:
        transient = [each.error for each in failures if isinstance(each.error, TransientError)]
        if transient and message.receive_count < self.max_receives:
            await self._retry(message, transient[0])
            return
        rejected = [(each.error, each.records) for each in failures if each.is_rejection]
        for cause in rejections(rejected):
            error = cause.error
            log.error("message_rejected", code=error.code, reason=error.message, records=cause.records)
            await self.failures.reject(message, error, cause.records, is_one_of_many=is_one_of_many)
        lots = [(each, await self._record(each, message)) for each in failures]
        again = [each for each, lot in lots if lot is _Lot.AGAIN]
        dead = [each for each, lot in lots if lot is _Lot.DEAD_LETTER]
        if again:
            await self._retry(message, again[0].error)
        elif dead:
            file_id = _file_id(dead[0].request)
            reason = _given_up(dead[0].error, message.receive_count)
            await self.queue.dead_letter(message, reason, self.handler.stage, file_id)
        else:
            await self.queue.delete(message)

    async def _retry(self, message: Message, error: LandfallError) -> None:
        delay = self.backoff.seconds(message.receive_count)
        log.info("retry_later", seconds=delay, code=error.code)
        retried(self.handler.stage, error.code)
        await self.queue.hide(message, delay)

    async def _record(self, failed_one: _Failed, message: Message) -> _Lot:
        request, failure = failed_one.request, _given_up(failed_one.error, message.receive_count)
        if failed_one.is_rejection:
            return _Lot.DEAD_LETTER
        if isinstance(request, AboutNoFile | FileFailed):
            # A report that can't be delivered; reporting that would go round in circles.
            log.error("report_undelivered", code=failure.code, reason=failure.message)
            failed(self.handler.stage, failure.code)
            return _Lot.DEAD_LETTER
        subject = Subject(request.file, request.generation, request.replay)
        with bound_contextvars(**_about(request), stage=self.handler.stage):
            verdict = await self.failures.record(subject, message, failure)
            if verdict is Verdict.FAILED:
                log.error("file_failed", code=failure.code, reason=failure.message)
                return _Lot.DEAD_LETTER
            if verdict is Verdict.SUCCEEDED and failed_one.in_work:
                return self._unannounced(message, failure)
            log.info("failure_outlived", code=failure.code)
            return _Lot.DELETED

    def _unannounced(self, message: Message, failure: LandfallError) -> _Lot:
        """The commit stands, and what failed may be what follows it: the event, the outcome.

        The next receive finds the manifest and has only that left to do. When none is left, the message is
        kept among the dead letters, from where a replay does the same.
        """
        if message.receive_count < self.max_receives:
            return _Lot.AGAIN
        log.error("success_unannounced", code=failure.code, reason=failure.message)
        failed(self.handler.stage, failure.code)
        return _Lot.DEAD_LETTER

    def _require_ours(self, request: Request) -> None:
        if not isinstance(request, AboutNoFile) and request.file.bucket != self.bucket:
            raise WrongBucket("a message is about a file of another bucket")


def _given_up(error: LandfallError, receives: int) -> LandfallError:
    if isinstance(error, PermanentError):
        return error
    return type(error)(f"{error.message} (given up after {receives} tries)")


def _about(request: Request) -> dict[str, str | int]:
    return {} if isinstance(request, AboutNoFile) else about(request.file, request.generation)


def _file_id(request: Request) -> str:
    return "" if isinstance(request, AboutNoFile) else request.file.file_id


def _is_report(request: Request) -> bool:
    """Whether it is a report of a failure, rather than work."""
    return isinstance(request, MessageRejected | FileFailed)


def _once_each(requests: Iterable[Request]) -> list[tuple[Request, int]]:
    """The requests, each version of an object once, with how many records ask for it."""
    first: dict[object, Request] = {}
    records: dict[object, int] = {}
    for number, request in enumerate(requests):
        about: object = number
        if isinstance(request, LandingNotice):
            about = (request.file.bucket, request.file.key, request.file.version_id)
        first.setdefault(about, request)
        records[about] = records.get(about, 0) + 1
    return [(first[about], count) for about, count in records.items()]


@asynccontextmanager
async def _held(until: float) -> AsyncIterator[None]:
    """Cancel the block when the message cannot be held any longer, by the loop's clock.

    Raises:
        MessageHeldTooLong: that was so, or is so already.
    """
    too_long = MessageHeldTooLong("SQS would have handed the message out again while it was in work")
    if asyncio.get_running_loop().time() >= until:
        raise too_long
    try:
        async with asyncio.timeout_at(until) as limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        raise too_long from None
