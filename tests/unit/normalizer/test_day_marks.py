"""Dates with the spaces, marks and halves of the day that programs of other locales write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.normalizer.normalizing import recipe_of, run

WHEN = datetime(2026, 1, 31, 21, 4, 5, tzinfo=UTC)  # SFMC's clocks are six hours behind
RECIPE = recipe_of(
    "Id: {type: bigint, required: true}\nWhen: {type: timestamp, required: true}", max_rejected="1"
)
SPACES = "\xa0\u1680\u2000\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"
MARKS = "\u200b\u200e\u200f\u061c\u202a\u202c\u2066\u2069\u2060\ufeff"


def read(*texts: str, recipe: object = RECIPE) -> list[datetime | None]:
    content = "Id,When\n" + "".join(f'{n},"{text}"\n' for n, text in enumerate(texts))
    return run(content, recipe).column("when")  # type: ignore[arg-type]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    "pattern", ["1/31/2026 3:04:05{}PM", "1/31/2026{}3:04:05 PM", "{}1/31/2026{}3:04:05{}PM{}"]
)
def test_any_space_is_a_space(space: str, pattern: str) -> None:
    assert read(pattern.replace("{}", space)) == [WHEN]


@pytest.mark.parametrize("mark", MARKS)
def test_marks_that_are_not_seen_are_nothing(mark: str) -> None:
    assert read(f"{mark}1/{mark}31/2026 3:04:05{mark} {mark}PM{mark}") == [WHEN]


@pytest.mark.parametrize(
    "half",
    [
        " pm",
        " Pm",
        "p.m.",
        " p.m.",
        " P.M.",
        " p.m",
        " p. m.",
        "\u202f pm",
        "\xa0p.\xa0m.",
        "\u202fp.m.",
        " \u202fPM",
    ],
)
def test_the_half_of_the_day_may_be_written_otherwise(half: str) -> None:
    assert read(f"1/31/2026 3:04:05{half}") == [WHEN]


def test_values_that_are_written_otherwise_stand_among_usual_ones() -> None:
    assert read("1/31/2026 3:04:05 PM", "", "1/31/2026 3:04:05\u202fPM", "1/31/2026 9:04:05 a.m.") == [
        WHEN,
        None,
        WHEN,
        datetime(2026, 1, 31, 15, 4, 5, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1/31/2026  3:04:05 PM",
            "1/31/2026 3:04:05 XM",
            "1/31/2026\u202f",
            "1/31/20263:04:05 PM",
            "\u202f3 PM",
        ),
        *(
            "2/30/2026 3:04:05\u202fPM",
            "1/31/2026 13:04:05\u202fPM",
            "1/31/2026 3:04:05 p.m.m.",
            "１/31/2026 3:04:05 PM",
        ),
    ],
)
def test_what_is_no_date_is_none_in_any_characters(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("%d.%m.%Y %H:%M:%S", "31.01.2026\xa015:04:05"),
        ("%d %b %Y, %I:%M:%S %p", "31\u2009Jan 2026,\u202f3:04:05\u202fp.m."),
        ("%m/%d/%Y %I:%M:%S%p", "1/31/2026 3:04:05\u202fPM"),
        ("%Y-%m-%dT%H:%M:%S", "\u200e2026-01-31T15:04:05"),
    ],
)
def test_other_patterns_are_read_alike(format_: str, text: str) -> None:
    fate = f'{{type: timestamp, required: true, format: "{format_}", time_zone: "-06:00"}}'

    assert read(text, recipe=recipe_of(f"Id: bigint\nWhen: {fate}", max_rejected="1")) == [WHEN]


def test_days_are_read_alike() -> None:
    recipe = recipe_of('Id: bigint\nWhen: {required: true, type: date, format: "%d %b %Y"}')

    assert read("31\xa0Jan\u202f2026", "31 Jan 2026", recipe=recipe) == [datetime(2026, 1, 31).date()] * 2
