"""A snapshot that was held back is neither lost nor stray, and what its file appended is catalogued."""

from __future__ import annotations

import pytest

from landfall.verifying.expected import Expected, expected_objects
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import History


async def expected(file: History) -> Expected:
    days = [file.file.landing_date]
    (found,) = await expected_objects(file.s3.store(), "ingest", "subscribers", days)
    return found


@pytest.mark.parametrize(
    ("mode", "cataloged", "held_back"), [("append", True, False), ("snapshot", False, True)]
)
async def test_a_file_that_failed_for_a_snapshot_has_all_that_it_appends_in_the_catalog(
    mode: str, cataloged: bool, held_back: bool
) -> None:
    file = History(InMemoryS3())
    file.decrypt()
    file.normalize(mode="append" if mode == "append" else "snapshot")
    file.fail(Stage.CATALOG, code="SNAPSHOT_SHRUNK")

    found = await expected(file)

    assert (found.cataloged, found.failed, found.held_back) == (cataloged, False, held_back)


async def test_a_file_that_failed_otherwise_is_not_held_back() -> None:
    file = History(InMemoryS3()).through(Stage.NORMALIZE)
    file.fail(Stage.CATALOG, code="COLUMNS_DIFFER")

    found = await expected(file)

    assert (found.cataloged, found.failed, found.held_back) == (False, True, False)


async def test_a_snapshot_that_was_accepted_is_catalogued() -> None:
    file = History(InMemoryS3()).hold_back()
    file.open(1, Stage.CATALOG, accepts_shrink=True)
    file.catalog(1, upstream=0)

    found = await expected(file)

    assert (found.cataloged, found.failed, found.held_back) == (True, False, False)
