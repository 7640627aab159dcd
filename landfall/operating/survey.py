"""All files that landed on some days, and those of earlier days that are not done: from listings alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from landfall.operating.finding import landed_files
from landfall.operating.states import CLOSED, FileState, Status, states_of, states_of_days
from shared.identity import LandedFile, landing_date_of
from shared.objects.store import ObjectStore
from shared.reopened import reopened_files
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found."""

    states: tuple[FileState, ...]
    """Of the days in question."""
    landed: tuple[LandedFile, ...]
    """In landing/ without any record, whatever their day."""
    unfinished_before: tuple[FileState, ...]
    """Files of other days that are in work or failed: in landing/ still, or opened again since."""
    landing: Mapping[str, LandedFile]
    """Everything that lies in landing/, by file id."""

    @property
    def counts(self) -> dict[Status, int]:
        """Files of the days in question, by status; those without a record whatever their day."""
        counted = Counter(state.status for state in self.states)
        counted["landed"] += len(self.landed)
        return {status: counted[status] for status in ("landed", "in progress", "failed", "resolved", "done")}

    @property
    def unfinished(self) -> list[FileState]:
        """All files that are in work, or have failed and are not resolved."""
        return [state for state in (*self.states, *self.unfinished_before) if state.status not in CLOSED]

    def waiting_at(self, stage: Stage) -> list[datetime]:
        """Since when each file has been with a stage, waiting or in work."""
        since = [
            state.since for state in self.unfinished if state.status == "in progress" and state.next is stage
        ]
        return since + [file.landed_at for file in self.landed if stage is Stage.DECRYPT]

    def failed_at(self, stage: Stage) -> list[FileState]:
        """The files that a stage gave up on."""
        return [state for state in self.unfinished if state.failed is stage]


async def survey(store: ObjectStore, bucket: str, days: Iterable[date]) -> Survey:
    """Look at the manifests' names: of the given (UTC) days, and of files in landing/ or opened again."""
    asked = set(days)
    states = await states_of_days(store, bucket, sorted(asked))
    known = {state.file_id for state in states}
    landing, reopened = await asyncio.gather(_landing(store, bucket), reopened_files(store, bucket))
    findable = landing.keys() | reopened
    earlier = [file_id for file_id in findable if landing_date_of(file_id) not in asked]
    older = await states_of(store, bucket, earlier)
    known |= {state.file_id for state in older}
    return Survey(
        states=tuple(states),
        landed=tuple(file for file_id, file in landing.items() if file_id not in known),
        unfinished_before=tuple(state for state in older if state.status not in CLOSED),
        landing=landing,
    )


async def _landing(store: ObjectStore, bucket: str) -> dict[str, LandedFile]:
    return {file.file_id: file async for file in landed_files(store, bucket)}
