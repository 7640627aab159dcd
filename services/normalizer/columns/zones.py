"""Time zones: fixed offsets and names from the time zone database."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")


def fixed_offset(zone: str) -> timedelta | None:
    """What ``±HH:MM`` (or ``UTC``) adds to UTC; None for a name whose offset varies."""
    if zone == "UTC":
        return timedelta()
    match = _OFFSET.fullmatch(zone)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def is_time_zone(zone: str) -> bool:
    """Whether the text is an offset or the name of a time zone."""
    if fixed_offset(zone) is not None:
        return True
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
