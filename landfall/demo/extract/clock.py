"""Times as a Tracking Extract writes them: ``M/d/yyyy h:mm:ss AM|PM`` in UTC-6 all year round."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

DAY_SECONDS = 86_400

EXTRACT_DAY = date(2026, 1, 30)
"""The day the extract covers; it is written, and named after, the morning that follows."""


@cache
def day_text(days: int) -> str:
    """The date that many days from the extract's day, as ``M/d/yyyy``."""
    day = EXTRACT_DAY + timedelta(days=days)
    return f"{day.month}/{day.day}/{day.year}"


def time_text(moment: int) -> str:
    """A moment, in seconds from the local midnight that begins the extract's day; negative is earlier."""
    days, second = divmod(moment, DAY_SECONDS)
    hour, second = divmod(second, 3600)
    half = "AM" if hour < 12 else "PM"
    return f"{day_text(days)} {hour % 12 or 12}:{second // 60:02}:{second % 60:02} {half}"
