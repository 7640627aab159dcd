"""Sending existing objects of landing/ on their way, no faster than the chain takes them.

Each file that was sent leaves a record, so that a backfill that was killed goes on where it was: at most ten
files are sent twice, which does nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from landfall.errors import OperatorError
from landfall.operating.finding import landed_files
from landfall.operating.replay_plans import Plan
from landfall.operating.replaying import Pace, Requests
from landfall.operating.states import states_of_days
from shared.concurrency import chunks, for_each
from shared.identity import LandedFile
from shared.lineage import open_generation
from shared.manifests import GenerationOpened
from shared.objects.store import ObjectStore
from shared.stages import Stage

_BATCH = 10
_LOOK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """What lies under a prefix of landing/."""

    to_send: list[LandedFile]
    known: int
    """Files that are left alone: they have been processed, failed, or are on their way."""


async def candidates(
    store: ObjectStore, bucket: str, prefix: str, *, all_versions: bool = False
) -> Candidates:
    """The files under a prefix that no stage and no backfill knows of, the oldest first.

    Raises:
        OperatorError: one of them landed while the bucket kept no versions.
    """
    files = [file async for file in landed_files(store, bucket, prefix, latest_only=not all_versions)]
    days: set[date] = {file.landing_date for file in files}
    known = {state.file_id for state in await states_of_days(store, bucket, sorted(days))}
    to_send = sorted(
        (file for file in files if file.file_id not in known), key=lambda file: (file.landed_at, file.key)
    )
    unversioned = next((file.key for file in to_send if not file.has_own_version), None)
    if unversioned is not None:
        raise OperatorError(
            f"{unversioned} landed while the bucket's versioning was off, and could not be told from what "
            "overwrites it: land it again with versioning on, and delete that version."
        )
    return Candidates(to_send, len(files) - len(to_send))


@dataclass(frozen=True, slots=True)
class Backfill:
    """Sends files to the decrypt stage at a pace, and waits while its queue is long."""

    requests: Requests
    most_waiting: int

    async def run(self, files: Sequence[LandedFile], pace: Pace, progress: Callable[[int], None]) -> None:
        """Send all of them; each is recorded after it was sent."""
        for batch in chunks(files, _BATCH):
            await self._wait_for_room()
            plans = [Plan(file, 0, Stage.DECRYPT, opens=False) for file in batch]
            await self.requests.send(plans, pace)
            await for_each(batch, self._record, _BATCH)
            progress(len(batch))

    async def _record(self, file: LandedFile) -> None:
        begun = GenerationOpened(
            file=file, generation=0, from_stage=Stage.DECRYPT, replay=self.requests.replay
        )
        await open_generation(self.requests.store, begun)

    async def _wait_for_room(self) -> None:
        url = self.requests.queues[Stage.DECRYPT].url
        while True:
            answer = await self.requests.sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )
            if int(answer["Attributes"]["ApproximateNumberOfMessages"]) < self.most_waiting:
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
