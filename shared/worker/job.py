"""One message from parsing to its settlement: deleted, delayed, or dead-lettered with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from structlog.contextvars import bound_contextvars

from shared.aws.faults import AWS_ERRORS, classify
from shared.errors import (
    LandfallError,
    PermanentError,
    TransientError,
    Unexpected,
    UnreadableMessage,
    WrongBucket,
)
from shared.events import FileFailed, MessageRejected
from shared.failures import Failures, Subject, Verdict
from shared.logs import about, get_logger
from shared.messages import Message, Request, Skipped, parse_message
from shared.metrics import failed, retried
from shared.worker.backoff import Backoff
from shared.worker.handler import Handler, Identifies
from shared.worker.queue import Queue

log = get_logger()


@dataclass(frozen=True, slots=True)
class _Failed:
    """What came of one request; ``in_work`` tells whether it was known whose it is."""

    request: Request
    error: LandfallError
    in_work: bool


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
        failures = [await self._attempt(request, message) for request in requests]
        await self._settle(message, [failure for failure in failures if failure is not None])

    async def _attempt(self, request: Request, message: Message) -> _Failed | None:
        if isinstance(request, Skipped):
            log.info("record_skipped", reason=request.reason)
            return None
        known: Request = request
        in_work = False
        with bound_contextvars(**_about(request), stage=self.handler.stage):
            try:
                self._require_ours(request)
                if isinstance(self.handler, Identifies):
                    known = await self.handler.identify(request)
                in_work = True
                with bound_contextvars(**_about(known)):
                    await self.handler.handle(known, message)
            except LandfallError as error:
                log.warning("attempt_failed", code=error.code, reason=error.message)
                return _Failed(known, error, in_work)
            except AWS_ERRORS as error:
                fault = classify(error)
                log.warning("attempt_failed", code=fault.code, reason=fault.message)
                return _Failed(known, fault, in_work)
            except Exception as error:
                # The worker's edge: a defect, too, must become an outcome.
                log.error("attempt_failed", code=Unexpected.code, exc_info=error)
                unforeseen = Unexpected(f"an unforeseen {type(error).__name__}")
                return _Failed(known, unforeseen, in_work)
        return None

    async def _settle(self, message: Message, failures: Sequence[_Failed]) -> None:
        transient = [each.error for each in failures if isinstance(each.error, TransientError)]
        if transient and message.receive_count < self.max_receives:
            await self._retry(message, transient[0])
            return
        lots = [(each, await self._record(each, message)) for each in failures]
        again = [each for each, lot in lots if lot is _Lot.AGAIN]
        dead = [each for each, lot in lots if lot is _Lot.DEAD_LETTER]
        if again:
            await self._retry(message, again[0].error)
        elif dead:
            file_id = _file_id(failures[0].request)
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
        if isinstance(request, Skipped | MessageRejected | FileFailed):
            # A report that can't be delivered; reporting that would go round in circles.
            log.error("report_undelivered", code=failure.code, reason=failure.message)
            failed(self.handler.stage, failure.code)
            return _Lot.DEAD_LETTER
        if isinstance(failure, UnreadableMessage | WrongBucket):
            # It is about no file of ours, so there is none to record a failure of.
            log.error("message_rejected", code=failure.code, reason=failure.message)
            await self.failures.reject(message, failure)
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
        if not isinstance(request, Skipped | MessageRejected) and request.file.bucket != self.bucket:
            raise WrongBucket("a message is about a file of another bucket")


def _given_up(error: LandfallError, receives: int) -> LandfallError:
    if isinstance(error, PermanentError):
        return error
    return type(error)(f"{error.message} (given up after {receives} tries)")


def _about(request: Request) -> dict[str, str | int]:
    return {} if isinstance(request, Skipped | MessageRejected) else about(request.file, request.generation)


def _file_id(request: Request) -> str:
    return "" if isinstance(request, Skipped | MessageRejected) else request.file.file_id
