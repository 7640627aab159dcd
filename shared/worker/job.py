"""One message from parsing to its settlement: deleted, delayed, or dead-lettered with a reason."""

from __future__ import annotations

from dataclasses import dataclass

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
from shared.failures import Failures, Subject
from shared.logs import about, get_logger
from shared.messages import Message, Request, Skipped, parse_message
from shared.metrics import failed, retried
from shared.worker.backoff import Backoff
from shared.worker.handler import Handler, Identifies
from shared.worker.queue import Queue

log = get_logger()


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

    async def _attempt(self, request: Request, message: Message) -> tuple[Request, LandfallError] | None:
        if isinstance(request, Skipped):
            log.info("record_skipped", reason=request.reason)
            return None
        known: Request = request
        with bound_contextvars(**_about(request), stage=self.handler.stage):
            try:
                self._require_ours(request)
                if isinstance(self.handler, Identifies):
                    known = await self.handler.identify(request)
                with bound_contextvars(**_about(known)):
                    await self.handler.handle(known, message)
            except LandfallError as error:
                log.warning("attempt_failed", code=error.code, reason=error.message)
                return known, error
            except AWS_ERRORS as error:
                fault = classify(error)
                log.warning("attempt_failed", code=fault.code, reason=fault.message)
                return known, fault
            except Exception as error:
                # The worker's edge: a defect, too, must become an outcome.
                log.error("attempt_failed", code=Unexpected.code, exc_info=error)
                return known, Unexpected(f"an unforeseen {type(error).__name__}")
        return None

    async def _settle(self, message: Message, failures: list[tuple[Request, LandfallError]]) -> None:
        retry = [error for _, error in failures if isinstance(error, TransientError)]
        if retry and message.receive_count < self.max_receives:
            delay = self.backoff.seconds(message.receive_count)
            log.info("retry_later", seconds=delay, code=retry[0].code)
            retried(self.handler.stage, retry[0].code)
            await self.queue.hide(message, delay)
            return
        final: LandfallError | None = None
        for request, error in failures:
            failure = error if isinstance(error, PermanentError) else _given_up(error, message.receive_count)
            if await self._record(request, message, failure):
                final = final or failure
        if final is None:
            await self.queue.delete(message)
        else:
            file_id = _file_id(failures[0][0])
            await self.queue.dead_letter(message, final, self.handler.stage, file_id)

    async def _record(self, request: Request, message: Message, failure: LandfallError) -> bool:
        if isinstance(request, Skipped | MessageRejected | FileFailed):
            # A report that can't be delivered; reporting that would go round in circles.
            log.error("report_undelivered", code=failure.code, reason=failure.message)
            failed(self.handler.stage, failure.code)
            return True
        if isinstance(failure, UnreadableMessage | WrongBucket):
            # It is about no file of ours, so there is none to record a failure of.
            log.error("message_rejected", code=failure.code, reason=failure.message)
            await self.failures.reject(message, failure)
            return True
        subject = Subject(request.file, request.generation, request.replay)
        with bound_contextvars(**_about(request), stage=self.handler.stage):
            is_failure = await self.failures.record(subject, message, failure)
            if is_failure:
                log.error("file_failed", code=failure.code, reason=failure.message)
            else:
                log.info("failure_outlived", code=failure.code)
            return is_failure

    def _require_ours(self, request: Request) -> None:
        if not isinstance(request, Skipped | MessageRejected) and request.file.bucket != self.bucket:
            raise WrongBucket("a message is about a file of another bucket")


def _given_up(error: LandfallError, receives: int) -> LandfallError:
    return type(error)(f"{error.message} (given up after {receives} tries)")


def _about(request: Request) -> dict[str, str | int]:
    return {} if isinstance(request, Skipped | MessageRejected) else about(request.file, request.generation)


def _file_id(request: Request) -> str:
    return "" if isinstance(request, Skipped | MessageRejected) else request.file.file_id
