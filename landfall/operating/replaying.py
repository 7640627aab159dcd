"""Asking stages to take files again: a message to the stage's queue, with the file's original identity."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.deployment import Queue
from landfall.errors import OperatorError
from landfall.operating.replay_plans import Plan, Refusal
from shared.concurrency import chunks, for_each
from shared.events import Replay, ReplayRequested, envelope
from shared.lineage import open_generation
from shared.manifests import GenerationOpened
from shared.objects.store import ObjectStore
from shared.stages import Stage

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient

_BATCH = 10  # of SQS


@dataclass(slots=True)
class Pace:
    """Lets at most ``per_second`` things happen a second; 0 lets all."""

    per_second: float
    _next: float = 0.0

    async def take(self, count: int) -> None:
        """Wait until so many more may happen."""
        if self.per_second <= 0:
            return
        now = time.monotonic()
        await asyncio.sleep(max(0.0, self._next - now))
        self._next = max(now, self._next) + count / self.per_second


@dataclass(frozen=True, slots=True)
class Requests:
    """Sends requests for replays."""

    store: ObjectStore
    sqs: SQSClient
    bucket: str
    """The deployment's ingest bucket: files of others are never requested."""
    queues: dict[Stage, Queue]
    replay: Replay

    async def send(
        self, plans: Sequence[Plan], pace: Pace, progress: Callable[[int], None] = lambda _: None
    ) -> list[Refusal]:
        """Open the generations that are to be opened, and send the requests, ten by ten.

        A generation is recorded before it is requested, so that no two replays share one. Killed in between,
        the same command requests it again, and so does the sweep.

        Returns:
            The files for which somebody else began a generation at the same time.

        Raises:
            OperatorError: SQS refused a request.
            OtherDeployment: a file landed in another bucket. Nothing is sent then.
        """
        for plan in plans:
            plan.file.require_bucket(self.bucket)
        refused: list[Refusal] = []
        for batch in chunks(plans, _BATCH):
            await pace.take(len(batch))
            opened = await for_each(batch, self._open, _BATCH)
            ready = [plan for plan, is_ours in zip(batch, opened, strict=True) if is_ours]
            refused += [
                Refusal(plan.file.file_id, "somebody else is replaying it just now")
                for plan, is_ours in zip(batch, opened, strict=True)
                if not is_ours
            ]
            for stage in Stage:
                await self._send(stage, [plan for plan in ready if plan.stage is stage])
            progress(len(batch))
        return refused

    async def _open(self, plan: Plan) -> bool:
        if not plan.opens:
            return True
        opened = GenerationOpened(
            file=plan.file,
            generation=plan.generation,
            from_stage=plan.stage,
            replay=self.replay,
            accepts_shrink=plan.accepts_shrink,
            because=plan.because,
        )
        return await open_generation(self.store, opened)

    async def _send(self, stage: Stage, plans: Sequence[Plan]) -> None:
        if not plans:
            return
        requests = [
            ReplayRequested(file=plan.file, generation=plan.generation, replay=self.replay) for plan in plans
        ]
        answer = await self.sqs.send_message_batch(
            QueueUrl=self.queues[stage].url,
            Entries=[{"Id": str(n), "MessageBody": envelope(each)} for n, each in enumerate(requests)],
        )
        if answer.get("Failed"):
            code = answer["Failed"][0]["Code"]
            raise OperatorError(f"SQS refused {len(answer['Failed'])} requests ({code}): ask again.")
