"""When files came into each folder of landing/: a small record that the scheduled sweep continues every hour.

The names of records do not tell a file's folder, and its original leaves landing/. So each sweep reads one
record of every file that is new since the last one, and once an hour it writes the sum under
``manifests/arrivals/``: never overwritten, as everything there. Where there is none yet, it begins with the
landing days that the sweep looks at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from landfall.operating.found import Found, identity
from landfall.operating.states import LISTINGS_AT_ONCE, FileState
from landfall.operating.survey import Survey
from landfall.operating.sweeping.findings import Tools
from shared.concurrency import for_each
from shared.errors import OtherDeployment
from shared.identity import LandedFile
from shared.layout import ARRIVALS, LANDING, arrivals_key

DELIVERY = timedelta(hours=1)
"""Files that follow each other within this time are one delivery."""
HISTORY = timedelta(days=15)
"""Deliveries are kept for so long, to learn from."""
_MEMORY = timedelta(days=180)
"""The last delivery of a folder is kept for so long."""
_LATE = timedelta(minutes=10)
"""A record is in a listing long before so much time has passed since its date."""
_MOST_READ = 5_000  # records a sweep; the rest is left to the next
_MOST_FOLDERS = 2_000  # those that had a file last: some senders make a folder a file


class Folder(BaseModel):
    """The deliveries of one folder."""

    model_config = ConfigDict(frozen=True)

    deliveries: tuple[AwareDatetime, ...]
    """When each began, the oldest first."""
    last: AwareDatetime
    """When its last file landed."""


class Arrivals(BaseModel):
    """All deliveries that are known, by folder below ``landing/``, which itself is the empty name."""

    model_config = ConfigDict(frozen=True)

    until: AwareDatetime
    """Files whose first record is older than this are all in here."""
    folders: Mapping[str, Folder] = {}

    def within(self, folder: str) -> list[Folder]:
        """The folder, and those in it: some senders add one a day."""
        inside = f"{folder}/" if folder else ""
        return [each for name, each in self.folders.items() if name == folder or name.startswith(inside)]

    def having(self, files: Iterable[LandedFile], now: datetime) -> Arrivals:
        """These arrivals and those of more files; what is too old is left out."""
        came: dict[str, set[datetime]] = {}
        for file in files:
            came.setdefault(folder_of(file.key), set()).add(file.landed_at)
        merged = dict(self.folders)
        for name, times in came.items():
            merged[name] = _continued(merged.get(name), sorted(times), now)
        kept = sorted(
            (item for item in merged.items() if item[1].last > now - _MEMORY),
            key=lambda item: item[1].last,
        )
        return Arrivals(until=self.until, folders=dict(kept[-_MOST_FOLDERS:]))


def folder_of(key: str) -> str:
    """The folder below ``landing/`` that a key lies in."""
    return key.removeprefix(LANDING).rpartition("/")[0]


async def arrivals_of(tools: Tools, found: Survey) -> Arrivals:
    """What is known of all deliveries until now; recorded for the next sweeps where this one may announce."""
    known = await _newest(tools)
    end = tools.now - _LATE
    fresh = sorted(
        ((_first(state), state) for state in (*found.states, *found.unfinished_before)),
        key=lambda item: item[0],
    )
    unread = [(at, state) for at, state in fresh if at >= known.until]
    read, left = unread[:_MOST_READ], unread[_MOST_READ:]
    files = await for_each(read, lambda item: _file_of(tools, found, item[1]), LISTINGS_AT_ONCE)
    until = min(end, left[0][0]) if left else end
    settled = [file for (at, _), file in zip(read, files, strict=True) if file and at < until]
    lasting = known.having(settled, tools.now).model_copy(update={"until": max(until, known.until)})
    if tools.announce:
        key = arrivals_key(tools.now)
        await tools.store.put_if_absent(tools.bucket, key, lasting.model_dump_json().encode())
    return lasting.having((*found.landing.values(), *filter(None, files)), tools.now)


async def _newest(tools: Tools) -> Arrivals:
    """The newest record that can be read; an empty one in a deployment without history."""
    for day in (tools.now - timedelta(days=n) for n in range(HISTORY.days)):
        keys = [item.key async for item in tools.store.list(tools.bucket, f"{ARRIVALS}{day:%Y/%m/%d}/")]
        for key in sorted(keys, reverse=True):
            body = await tools.store.read(tools.bucket, key)
            try:
                if body is not None:
                    return Arrivals.model_validate_json(body)
            except ValidationError:
                continue
    return Arrivals(until=datetime.min.replace(tzinfo=UTC))


def _first(state: FileState) -> datetime:
    return min(record.at for record in state.records)


async def _file_of(tools: Tools, found: Survey, state: FileState) -> LandedFile | None:
    """None where its records cannot be read, or were copied from another deployment: others report that."""
    try:
        return await identity(
            tools.store, tools.bucket, Found(state.file_id, state, found.landing.get(state.file_id))
        )
    except (OtherDeployment, ValidationError):
        return None


def _continued(folder: Folder | None, times: list[datetime], now: datetime) -> Folder:
    """A folder's deliveries and more of its files, ``times`` being sorted and not empty."""
    deliveries, last = (list(folder.deliveries), folder.last) if folder else ([times[0]], times[0])
    for at in times:
        if at - last > DELIVERY:
            deliveries.append(at)
        last = max(last, at)
    return Folder(deliveries=tuple(at for at in deliveries if at > now - HISTORY), last=last)
