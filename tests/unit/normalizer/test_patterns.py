"""Compiled patterns give what ``strptime`` gives, and reject all that it rejects."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.normalizer.columns.patterns import compiled

PATTERNS = [
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y", "%I:%M:%S %p", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M", "%Y%m%d"),
    *("%d.%m.%Y", "%d %b %Y", "%y-%j", "(%Y) 100%% %d"),
]


def by_strptime(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        return None


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(deadline=None)
@given(moment=st.datetimes(datetime(1000, 1, 1)))
def test_what_a_pattern_writes_it_reads(pattern: str, moment: datetime) -> None:
    text = moment.strftime(pattern)

    assert compiled(pattern)(text) == by_strptime(text, pattern)


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(deadline=None)
@given(text=st.text("0123456789/:-. TAPMapm", max_size=24))
def test_whatever_is_read_strptime_reads_alike(pattern: str, text: str) -> None:
    parsed = compiled(pattern)(text)

    assert parsed is None or parsed == by_strptime(text, pattern)


@pytest.mark.parametrize("text", ["١/1/2026", "1/1/2026 ", " 1/1/2026", "1/1/2026\n", "2/30/2026", "1/1/26"])
def test_text_that_only_resembles_a_day_is_not_read(text: str) -> None:
    assert compiled("%m/%d/%Y")(text) is None
