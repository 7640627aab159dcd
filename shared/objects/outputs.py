"""All outputs of one file: they appear together, after every one was verified, or not at all."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from shared.aws.faults import AWS_ERRORS, classify
from shared.errors import PermanentError, UploadInterrupted
from shared.logs import get_logger
from shared.objects.store import ObjectStore
from shared.objects.upload import PendingUpload, Written
from shared.time_limit import lift_time_limit

_HELD_BUDGET = 64 << 20  # finished small outputs kept in memory, together, until all are verified
_PERSISTENCE_SECONDS = 300.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 15.0
_IN_FLIGHT_SECONDS = 4.0

log = get_logger()


class OutputSet:
    """Opens uploads and completes them all at the end; leaving the context without that aborts them all."""

    def __init__(self, store: ObjectStore, generation: int, fingerprint: str) -> None:
        self._store = store
        self._generation = generation
        self._fingerprint = fingerprint
        self._uploads: list[PendingUpload] = []
        self._completed = False
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        if not self._completed:
            for upload in self._uploads:
                await upload.abort()

    def open(self, bucket: str, key: str) -> PendingUpload:
        """Begin an output; nothing is visible at the key yet. From any thread.

        Raises:
            UploadInterrupted: the set was given up, which a worker thread may outlive.
        """
        upload = PendingUpload(self._store, bucket, key, self._generation, self._fingerprint)
        self._uploads.append(upload)  # before the look: who gives the set up aborts it, or it is seen here
        if self._closed:
            raise UploadInterrupted("the outputs were given up while they were still being made")
        return upload

    async def seal(self, upload: PendingUpload) -> None:
        """An output has all its bytes; it stays open, in memory if small and if memory allows."""
        if sum(each.held_bytes for each in self._uploads) > _HELD_BUDGET:
            await upload.flush_to_parts()
        await upload.seal()

    async def complete(self) -> list[Written]:
        """Make every output appear, in the order they were opened.

        Some of them are worse than none: what AWS refuses for the moment is tried again for some minutes, and
        the file's time limit ends here.
        """
        lift_time_limit()
        deadline = asyncio.get_running_loop().time() + _PERSISTENCE_SECONDS
        written = [await _complete(upload, deadline) for upload in self._uploads]
        self._completed = True
        return written


async def _complete(upload: PendingUpload, deadline: float) -> Written:
    pause = _FIRST_PAUSE_SECONDS
    while True:
        completing = asyncio.create_task(upload.complete())
        try:
            return await asyncio.shield(completing)
        except asyncio.CancelledError:
            # What is on its way may still appear, and who cleans up after this run must not come before it.
            done, late = await asyncio.wait([completing], timeout=_IN_FLIGHT_SECONDS)
            for each in late:
                each.cancel()
            for each in done:
                each.exception()  # it is told of here, and to nobody
            raise
        except AWS_ERRORS as error:
            fault = classify(error)
            if isinstance(fault, PermanentError) or asyncio.get_running_loop().time() >= deadline:
                raise
            log.warning("completion_delayed", code=fault.code, reason=fault.message)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
