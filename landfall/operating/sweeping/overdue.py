"""Folders of landing/ whose next file has not come: as an operator expects it, or as the days before show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low

from landfall.errors import OperatorError
from landfall.operating.survey import survey
from landfall.operating.sweeping.arrivals import Arrivals, arrivals_of
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from shared.layout import LANDING

MOST_MISSED = 3
"""A folder that has missed more deliveries than this has stopped for good: it is no alarm any more."""
_LEAST_DELIVERIES = 5  # of a folder, to learn from
_REGULAR = 4  # times the usual interval is the longest of a folder that is regular: a weekend is three
_LEAST_GRACE = timedelta(hours=2)
_ENTRY = re.compile(r"(?P<folder>[^=]*)=(?P<interval>\d{1,4}[hd]|off)")
_UNITS = {"h": "hours", "d": "days"}


def parse_expected(text: str) -> dict[str, timedelta | None]:
    """Read ``SalesForce/daily=26h,SalesForce/adhoc=off``; None is for folders whose files come as they like.

    Raises:
        OperatorError: an entry is not of this form, or an interval is nothing.
    """
    expected: dict[str, timedelta | None] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise OperatorError(
                f"{entry} is no expectation: give a folder and how often a file comes, in h or d, as "
                "SalesForce/daily=26h; or SalesForce/adhoc=off where files come as they like."
            )
        interval = match["interval"]
        every = None if interval == "off" else timedelta(**{_UNITS[interval[-1]]: int(interval[:-1])})
        if every == timedelta():
            raise OperatorError(f"{entry}: an interval is at least 1h.")
        expected[match["folder"].strip().removeprefix(LANDING).strip("/")] = every
    return expected


async def sweep_overdue(tools: Tools) -> list[Finding]:
    """Look at every folder that is expected to have files, or that has had them regularly."""
    found = tools.surveyed[-1] if tools.surveyed else await survey(tools.store, tools.bucket, tools.days)
    arrivals = await arrivals_of(tools, found)
    return [_finding(tools, due) for due in _dues(arrivals, tools.expected, tools.now)]


@dataclass(frozen=True, slots=True)
class _Due:
    """A folder whose next file is due ``every`` so long; ``last`` is None where no file of it is known."""

    folder: str
    every: timedelta
    last: datetime | None
    is_set: bool


def _dues(arrivals: Arrivals, expected: Mapping[str, timedelta | None], now: datetime) -> list[_Due]:
    set_by_hand = [
        _Due(folder, every, max((each.last for each in arrivals.within(folder)), default=None), is_set=True)
        for folder, every in expected.items()
        if every is not None
    ]
    learnt = [
        _Due(folder, every, known.last, is_set=False)
        for folder, known in arrivals.folders.items()
        if not _is_named(folder, expected) and (every := learnt_interval(known.deliveries)) is not None
    ]
    return sorted(
        (due for due in (*set_by_hand, *learnt) if _is_overdue(due, now)), key=lambda due: due.folder
    )


def _is_named(folder: str, expected: Mapping[str, timedelta | None]) -> bool:
    """Whether the operator has said what to expect of it, or of a folder that it is in."""
    return any(folder == name or folder.startswith(f"{name}/") for name in expected)


def _is_overdue(due: _Due, now: datetime) -> bool:
    if due.last is None:
        return True
    age = now - due.last
    return age > due.every and (due.is_set or age // due.every <= MOST_MISSED)


def learnt_interval(deliveries: tuple[datetime, ...]) -> timedelta | None:
    """How long the next delivery of a folder may take: its longest interval so far, and a twelfth more.

    None where there were too few deliveries, or where the intervals differ too much to expect anything.
    """
    if len(deliveries) < _LEAST_DELIVERIES:
        return None
    intervals = [later - earlier for earlier, later in pairwise(deliveries)]
    longest = max(intervals)
    if longest > _REGULAR * median_low(intervals):
        return None
    return longest + max(longest / 12, _LEAST_GRACE)


def _finding(tools: Tools, due: _Due) -> Finding:
    where = f"s3://{tools.bucket}/{LANDING}{due.folder}".rstrip("/") + "/"
    every = f"expected every {_length(due.every)} {'as set' if due.is_set else 'by the days before'}"
    if due.last is None:
        detail = f"no file has been seen there yet, {every}: no alarm until the first comes"
        return Finding(Kind.FILE_OVERDUE, where, detail, alarms=False)
    age = tools.now - due.last
    detail = f"no file for {_length(age)}, {every}"
    if (missed := age // due.every) > MOST_MISSED:
        detail += f": {missed} were missed, so it is no alarm any more; correct what is expected of it"
        return Finding(Kind.FILE_OVERDUE, where, detail, alarms=False)
    return Finding(Kind.FILE_OVERDUE, where, f"{detail}: missed {missed} of {MOST_MISSED} that are an alarm")


def _length(time: timedelta) -> str:
    return f"{time / timedelta(hours=1):.0f} h"
