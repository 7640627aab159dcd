"""docs/security.md says who may do what; the policies say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from landfall.local.checkout import CHECKOUT
from tests.permissions.calls import ACCOUNT, REGION, Call
from tests.permissions.evaluator import allowed
from tests.permissions.policies import ROLES, Statement, statements

_INGEST = f"arn:aws:s3:::landfall-ingest-{ACCOUNT}-{REGION}"
_CURATED = f"arn:aws:s3:::landfall-curated-{ACCOUNT}-{REGION}"
_FILE = "2026/01/31/20260131-0123456789abcdef"
# Objects of every kind that lie in a place.
PLACES = {
    "landing/": [f"{_INGEST}/landing/unit/a.zip"],
    "raw/": [f"{_INGEST}/raw/{_FILE}/Sent.csv"],
    "curated bucket": [
        f"{_CURATED}/sent/ingest_date=2026-01-31/x",
        f"{_CURATED}/subscribers/source=a/snapshot=b/x",
    ],
    "quarantine/": [f"{_INGEST}/quarantine/{_FILE}/x"],
    "archive/": [f"{_INGEST}/archive/landing/{_FILE}/a.zip", f"{_INGEST}/archive/raw/{_FILE}/Sent.csv"],
    "manifests/": [
        *(
            f"{_INGEST}/manifests/{_FILE}/{stage}.0.json"
            for stage in ("decrypt", "normalize", "catalog", "archive")
        ),
        f"{_INGEST}/manifests/open/20260131-0123456789abcdef.1",
    ],
    "recipes/": [f"{_INGEST}/recipes/profiles.json"],
}
ACTIONS = {
    "read": ("s3:GetObject", "s3:GetObjectVersion"),
    "write": ("s3:PutObject",),
    "delete": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
}
WHO = {
    **ROLES,
    "crawler of Glue": ("catalog", "CrawlerRole"),
    "Marketing Cloud": ("sfmc", "Group"),
}


def rows() -> Iterator[list[str]]:
    """The cells of the table, row by row, headings first."""
    page = (CHECKOUT / "docs/security.md").read_text(encoding="utf-8")
    table = (
        page.partition("<!-- A test holds every cell against the policies. -->")[2]
        .strip()
        .partition("\n\n")[0]
    )
    for line in table.splitlines():
        yield [cell.strip() for cell in line.strip("|").split("|")]


HEADINGS, _, *ROWS = rows()
CELLS = [(row[0], place, cell) for row in ROWS for place, cell in zip(HEADINGS[1:], row[1:], strict=True)]


def may(policy: list[Statement], verb: str, place: str) -> bool:
    return any(allowed(policy, Call(action, each)) for action in ACTIONS[verb] for each in PLACES[place])


def test_the_table_has_everybody_and_every_place() -> None:
    assert ([row[0] for row in ROWS], HEADINGS[1:]) == (list(WHO), list(PLACES))


@pytest.mark.parametrize(("who", "place", "cell"), CELLS, ids=[f"{who}-{place}" for who, place, _ in CELLS])
def test_a_cell_says_what_the_policy_allows(who: str, place: str, cell: str) -> None:
    policy = [each for each in statements(*WHO[who]) if each.effect == "Allow"]
    said = set(re.findall(r"[a-z]+", re.sub(r"\(.*\)", "", cell)))
    assert said == {verb for verb in ACTIONS if may(policy, verb, place)}
