"""Times as a person gives and reads them: ``90m``, ``7d``, ``2026-01-31``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import typer

_SPAN = re.compile(r"(\d+)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, now: datetime | None = None) -> datetime:
    """So long ago (``90m``, ``12h``, ``7d``), or the beginning of a UTC day (``2026-01-31``).

    Raises:
        typer.BadParameter: it is neither.
    """
    match = _SPAN.fullmatch(text)
    if match is not None:
        return (now or datetime.now(UTC)) - timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter("give a time as 90m, 12h, 7d or 2026-01-31") from None


def days_since(start: datetime, end: datetime) -> list[date]:
    """Every UTC day from one moment to another."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def span(seconds: float) -> str:
    """A length of time in its largest unit that is not zero."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
