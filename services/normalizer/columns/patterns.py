"""Date and time patterns, compiled.

``datetime.strptime`` takes some five microseconds a value, and columns hold every second of a day. Patterns
of the usual directives become regular expressions that are several times faster and stricter: digits are
ASCII, white space is exact. Others are left to ``strptime``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache

Parser = Callable[[str], datetime | None]

_DIRECTIVES = {
    "Y": "(?P<Y>[0-9]{4})",
    "m": "(?P<m>1[0-2]|0?[1-9])",
    "d": "(?P<d>3[01]|[12][0-9]|0?[1-9])",
    "H": "(?P<H>2[0-3]|[01]?[0-9])",
    "I": "(?P<I>1[0-2]|0?[1-9])",
    "M": "(?P<M>[0-5]?[0-9])",
    "S": "(?P<S>[0-5]?[0-9])",
    "p": "(?P<p>[AaPp])[Mm]",
    "f": "(?P<f>[0-9]{1,6})",
}
_PART = re.compile(r"%(.)|([^%]+)")


@cache
def compiled(pattern: str) -> Parser:
    """A parser for a ``strptime`` pattern, giving None for text that does not follow it or is no real day."""
    expression = strict_expression(pattern)
    if expression is None:
        return lambda text: _by_strptime(text, pattern)
    return lambda text: _by_match(re.fullmatch(expression, text))


def strict_expression(pattern: str) -> str | None:
    """What the text of a ``strptime`` pattern must look like as a whole, to ``re`` and RE2 alike.

    None for a pattern with a directive that is unusual, comes twice or lacks its other half.
    """
    directives = re.findall("%(.)", pattern)
    usual = set(directives) <= _DIRECTIVES.keys() and len(set(directives)) == len(directives)
    if not usual or ("I" in directives) != ("p" in directives):
        return None
    return "".join(
        _DIRECTIVES[directive] if directive else re.escape(literal)
        for directive, literal in _PART.findall(pattern)
    )


def names_a_day(pattern: str) -> bool:
    """Whether the pattern can be read, and what it reads is a whole date without a time zone of its own."""
    moment = datetime(2026, 1, 31, 13, 2, 3)
    try:
        parsed = datetime.strptime(moment.strftime(pattern), pattern)
    except (ValueError, re.error):
        return False
    return parsed.date() == moment.date() and parsed.tzinfo is None and not re.search("%[zZ]", pattern)


def _by_strptime(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        return None


def _by_match(match: re.Match[str] | None) -> datetime | None:
    if match is None:
        return None
    parts = match.groupdict()
    number = {directive: int(text) for directive, text in parts.items() if text.isdecimal()}
    hour = number.get("H", 0)
    if "p" in parts:
        hour = number["I"] % 12 + (12 if parts["p"] in "pP" else 0)
    try:
        return datetime(
            number.get("Y", 1900),
            number.get("m", 1),
            number.get("d", 1),
            hour,
            number.get("M", 0),
            number.get("S", 0),
            int(parts.get("f", "").ljust(6, "0")),
        )
    except ValueError:
        return None
