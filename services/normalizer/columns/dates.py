"""Dates and times of day, read strictly by their patterns and written in UTC.

Patterns are those of ``datetime.strptime``, which rejects impossible days such as 30 February. Where a
pattern is a date, a space and a time, each half is read for itself: days are few, so each is parsed once and
remembered; times of day are many, so Arrow reads them all at once where their pattern is a usual one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache, lru_cache, partial
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Text, Values, newly_null, null_where, text_of, trimmed
from services.normalizer.columns.conversion import Conversion, Converted, by_distinct
from services.normalizer.columns.daymarks import in_plain_characters
from services.normalizer.columns.patterns import compiled, strict_expression
from services.normalizer.columns.types import UTC_TIMESTAMP
from services.normalizer.columns.zones import fixed_offset

_EPOCH = date(1970, 1, 1).toordinal()
_DAY_MS = 86_400_000
_DAY_WITHOUT_DATE = (date(1900, 1, 1).toordinal() - _EPOCH) * 86_400  # seconds; what ``strptime`` assumes
# Other years are what programs write for "never", such as 1/1/0001.
_YEARS = range(1900, 2200)
_DATE_SPACE_TIME = re.compile(r"((?:%[mdYybBj]|[^% ])+) ((?:%[HIMSpf]|[^%])+)")


def to_timestamp(formats: tuple[str, ...], zone: str) -> Conversion:
    """A conversion of local times in ``zone`` to UTC milliseconds.

    Of a time that clocks showed twice the earlier is taken; one that they skipped becomes the moment of the
    change.
    """
    halves = _DATE_SPACE_TIME.fullmatch(formats[0]) if len(formats) == 1 else None
    read = partial(_whole, formats) if halves is None else partial(_by_halves, halves[1], halves[2])

    def convert(text: Text) -> Converted:
        given = trimmed(text)
        local = _or_as_typed(given, formats, read)
        values = _to_utc(pc.cast(local, pa.timestamp("ms")), zone)
        return Converted(values, newly_null(given, values))

    return convert


def to_date(formats: tuple[str, ...]) -> Conversion:
    """A conversion to calendar days, which have no time zone."""
    days = _days(formats)

    def read(text: Text) -> Values:
        return pa.array([value and days(value) for value in text.to_pylist()], pa.int32())

    def convert(text: Text) -> Converted:
        given = trimmed(text)
        values = _or_as_typed(given, formats, read)
        return Converted(pc.cast(values, pa.date32()), newly_null(given, values))

    return convert


def _or_as_typed(given: Text, formats: tuple[str, ...], read: Callable[[Text], Values]) -> Values:
    """What ``read`` makes of the text; of what it can't read, what it makes of the same in plain characters.

    So a column in plain characters, as nearly all are, costs nothing more.
    """
    values = read(given)
    unread = newly_null(given, values)
    if unread is None:
        return values
    plain = in_plain_characters(null_where(pc.invert(unread), given), formats)
    return values if plain is None else pc.coalesce(values, read(trimmed(plain)))


def _to_utc(local: Values, zone: str) -> Values:
    offset = fixed_offset(zone)
    if offset is None:
        there = pc.assume_timezone(
            cast("pa.TimestampArray", local), zone, ambiguous="earliest", nonexistent="latest"
        )
        return pc.cast(there, UTC_TIMESTAMP)
    return pc.cast(pc.subtract(local, pa.scalar(offset, pa.duration("ms"))), UTC_TIMESTAMP)


def _whole(formats: tuple[str, ...], text: Text) -> Values:
    """Milliseconds since the epoch's midnight in local time."""
    return pa.array([value and _milliseconds(value, formats) for value in text.to_pylist()], pa.int64())


def _by_halves(date_format: str, time_format: str, text: Text) -> Values:
    """As ``_whole``, for a single pattern that is a date, a space and a time."""
    halves = pc.split_pattern(null_where(pc.invert(pc.match_substring(text, " ")), text), " ", max_splits=1)
    days, times = (text_of(pc.list_element(halves, index)) for index in (0, 1))
    midnights = by_distinct(days, partial(_one_by_one, _days((date_format,)))).values
    expression = strict_expression(time_format)
    if expression is None or "%f" in time_format:
        since_midnight = by_distinct(times, partial(_one_by_one, _times_of_day(time_format))).values
    else:
        since_midnight = _usual_times(times, expression, time_format)
    return pc.add(pc.multiply(midnights, _DAY_MS), since_midnight)


def _one_by_one(read: Callable[[str], int | None], text: Text) -> Converted:
    return Converted(pa.array([value and read(value) for value in text.to_pylist()], pa.int64()))


def _usual_times(text: Text, expression: str, time_format: str) -> Values:
    """Milliseconds since midnight. What Arrow's parser would read too generously, the expression rejects."""
    fits = pc.match_substring_regex(text, f"^(?:{expression})$")
    strict = null_where(pc.invert(fits), text)
    moments = pc.strptime(strict, format=time_format, unit="s", error_is_null=True)
    return pc.multiply(pc.subtract(pc.cast(moments, pa.int64()), _DAY_WITHOUT_DATE), 1000)


def _parse(text: str, formats: tuple[str, ...]) -> datetime | None:
    for pattern in formats:
        if (parsed := compiled(pattern)(text)) is not None:
            return parsed if parsed.year in _YEARS else None
    return None


def _milliseconds(text: str, formats: tuple[str, ...]) -> int | None:
    parsed = _parse(text, formats)
    return (
        None if parsed is None else (parsed.toordinal() - _EPOCH) * _DAY_MS + _since_midnight(parsed.time())
    )


@cache
def _days(formats: tuple[str, ...]) -> Callable[[str], int | None]:
    """Reads days since the epoch, and remembers them."""

    def read(text: str) -> int | None:
        parsed = _parse(text, formats)
        return None if parsed is None else parsed.toordinal() - _EPOCH

    return lru_cache(maxsize=20_000)(read)


@cache
def _times_of_day(pattern: str) -> Callable[[str], int | None]:
    """Reads milliseconds since midnight, and remembers them."""
    parse = compiled(pattern)

    def read(text: str) -> int | None:
        parsed = parse(text)
        return None if parsed is None else _since_midnight(parsed.time())

    return lru_cache(maxsize=90_000)(read)


def _since_midnight(moment: time) -> int:
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return seconds * 1000 + moment.microsecond // 1000
