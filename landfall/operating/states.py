"""How far each file is, by the names of its records alone: no manifest is read for it.

A hundred thousand files have four times as many manifests. Listing a day's costs a handful of requests, since
a file's folder is under its landing date and listings can be split by the first digit of the digest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Literal

from shared.concurrency import for_each
from shared.identity import landing_date_of
from shared.layout import ManifestName, manifest_prefix, parse_manifest_key, parse_resolved_key
from shared.objects.store import ObjectStore
from shared.stages import Stage

Status = Literal["landed", "in progress", "failed", "resolved", "done"]
CLOSED: frozenset[Status] = frozenset({"done", "resolved"})
"""Nothing more is expected of such a file."""

_DIGITS = "0123456789abcdef"
LISTINGS_AT_ONCE = 32
_MANY_OF_A_DAY = 100


@dataclass(frozen=True, slots=True)
class Record:
    """One object under a file's manifests/ folder: what its name says, and when it was put."""

    name: ManifestName
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Resolution:
    """The record that an operator closed a failure."""

    generation: int
    number: int
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileState:
    """Where the newest generation of a file stands."""

    file_id: str
    generation: int
    records: tuple[Record, ...]
    """Of every generation, in no order that matters."""
    resolutions: tuple[Resolution, ...] = ()

    @property
    def done(self) -> frozenset[Stage]:
        """The stages that succeeded with this generation."""
        return frozenset(name.stage for name in self._names() if name.stage is not None and name.failure == 0)

    @property
    def failed(self) -> Stage | None:
        """The stage that gave up and has not succeeded since."""
        gave_up = [name.stage for name in self._names() if name.failure and name.stage not in self.done]
        return gave_up[-1] if gave_up else None

    @property
    def next(self) -> Stage | None:
        """The stage that has the file now or gave it up.

        None where all are done, and where a later generation was opened but nothing is recorded of it yet.
        """
        if self.failed is not None:
            return self.failed
        last = max(self.done, key=list(Stage).index, default=None)
        if last is None:
            return None if self.generation else Stage.DECRYPT
        return last.after

    @property
    def status(self) -> Status:
        """In a word."""
        if Stage.ARCHIVE in self.done:
            return "done"
        if self.failed is not None:
            return "failed" if self.resolution is None else "resolved"
        return "in progress"

    @property
    def resolution(self) -> Resolution | None:
        """The record that closed the newest failure; None where the failure is open."""
        if self.failed is None:
            return None
        failed_at = self.failures(self.failed)[-1].at
        closing = [
            each for each in self.resolutions if each.generation == self.generation and each.at >= failed_at
        ]
        return max(closing, key=lambda each: each.number, default=None)

    @property
    def since(self) -> datetime:
        """When the newest thing happened, by S3's clock."""
        return max(record.at for record in self.records)

    def success(self, stage: Stage, at_most: int | None = None) -> Record | None:
        """The newest success of a stage, of a generation up to the given one."""
        top = self.generation if at_most is None else at_most
        found = [
            record
            for record in self.records
            if record.name.stage is stage and record.name.failure == 0 and record.name.generation <= top
        ]
        return max(found, key=lambda record: record.name.generation, default=None)

    def failures(self, stage: Stage) -> list[Record]:
        """The failures of a stage with this generation, the oldest first."""
        found = [r for r in self.records if r.name.stage is stage and r.name.failure and self._is_newest(r)]
        return sorted(found, key=lambda record: record.name.failure)

    @property
    def opening(self) -> Record | None:
        """The record that an operator began this generation."""
        found = [r for r in self.records if r.name.stage is None and self._is_newest(r)]
        return found[0] if found else None

    def _is_newest(self, record: Record) -> bool:
        return record.name.generation == self.generation

    def _names(self) -> list[ManifestName]:
        return [record.name for record in self.records if self._is_newest(record)]


async def state_of(store: ObjectStore, bucket: str, file_id: str) -> FileState | None:
    """One file's state; None where nothing is recorded of it."""
    return next(iter(await _states(store, bucket, manifest_prefix(file_id))), None)


async def states_of(store: ObjectStore, bucket: str, file_ids: Iterable[str]) -> list[FileState]:
    """The states of these files, as far as anything is recorded of them, in no order that matters.

    Where they are many of one day, listing that day takes fewer requests than asking for each of them.
    """
    by_day: dict[date, set[str]] = defaultdict(set)
    for file_id in file_ids:
        by_day[landing_date_of(file_id)].add(file_id)
    crowded = [day for day, of_day in by_day.items() if len(of_day) > _MANY_OF_A_DAY]
    found = [
        state
        for state in await states_of_days(store, bucket, crowded)
        if state.file_id in by_day[landing_date_of(state.file_id)]
    ]
    single = [file_id for day, of_day in by_day.items() if day not in crowded for file_id in of_day]
    states = await for_each(single, lambda file_id: state_of(store, bucket, file_id), LISTINGS_AT_ONCE)
    return found + [state for state in states if state is not None]


async def states_of_days(store: ObjectStore, bucket: str, days: Iterable[date]) -> list[FileState]:
    """The states of all files that landed on the given (UTC) days and have a record, by file id."""
    prefixes = [f"manifests/{day:%Y/%m/%d}/{day:%Y%m%d}-{digit}" for day in days for digit in _DIGITS]
    pages = await for_each(prefixes, lambda prefix: _states(store, bucket, prefix), LISTINGS_AT_ONCE)
    return [state for states in pages for state in states]


async def recorded_days(store: ObjectStore, bucket: str) -> list[date]:
    """Every landing day of which anything is recorded, the oldest first; a request a month and a few more."""
    folders = ["manifests/"]
    for _ in ("years", "months", "days"):
        folders = [
            below
            for above in folders
            async for below in store.folders(bucket, above)
            if below.split("/")[-2].isdigit()
        ]
    return [date(*map(int, folder.split("/")[1:4])) for folder in folders]


async def _states(store: ObjectStore, bucket: str, prefix: str) -> list[FileState]:
    records: list[Record] = []
    resolutions: dict[str, list[Resolution]] = defaultdict(list)
    async for item in store.list(bucket, prefix):
        if (name := parse_manifest_key(item.key)) is not None:
            records.append(Record(name, item.key, item.last_modified))
        elif (resolved := parse_resolved_key(item.key)) is not None:
            file_id, generation, number = resolved
            resolutions[file_id].append(Resolution(generation, number, item.key, item.last_modified))
    files = groupby(records, lambda record: record.name.file_id)
    return [
        _state(file_id, tuple(of_file), tuple(resolutions.get(file_id, ()))) for file_id, of_file in files
    ]


def _state(file_id: str, records: tuple[Record, ...], resolutions: tuple[Resolution, ...]) -> FileState:
    return FileState(file_id, max(record.name.generation for record in records), records, resolutions)
