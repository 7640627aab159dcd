"""Extracts of one second are ordered as S3 stored them, as long as S3 or the archiver's record can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, count, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cataloger.ordering import order_of
from services.cataloger.tie_breaker import TieBreaker, Trace, is_older
from services.cataloger.ties import Ties, tied
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.manifests import ArchiveManifest
from shared.stages import Stage
from tests.builders import LANDED_AT, landed
from tests.doubles.s3 import InMemoryS3
from tests.unit.cataloger.files import Lake, extract, normalized, snapshot

KEY = "landing/20260131_Extract.zip"
LATER = LANDED_AT + timedelta(seconds=1)


class Landing:
    """Files of one second in an ingest bucket, put one after the other."""

    def __init__(self) -> None:
        self.s3 = InMemoryS3()

    def put(self, key: str = KEY) -> LandedFile:
        version = self.s3.put("ingest", key, b"")
        self.s3.change_newest("ingest", key, last_modified=LANDED_AT)
        file = landed(key, version.version_id)
        self.s3.put("ingest", manifest_key(file.file_id, Stage.NORMALIZE, 0), _json(file))
        return file

    def put_with_misleading_ids(self) -> tuple[LandedFile, LandedFile]:
        """An older and a newer version, of which the ids say the opposite."""
        for number in count():
            older, newer = (self.put(f"landing/20260131_{number}.zip") for _ in range(2))
            if newer.file_id < older.file_id:
                return older, newer
        raise AssertionError

    def delete(self, file: LandedFile) -> None:
        versions = self.s3.versions["ingest", file.key]
        versions[:] = [each for each in versions if each.version_id != file.version_id]

    def archive(self, file: LandedFile, together: Sequence[LandedFile] = (), generation: int = 0) -> None:
        """Move it away; ``together`` are the versions that the archiver records, the newest first."""
        manifest = ArchiveManifest(
            file=file,
            generation=generation,
            fingerprint="f",
            attempt=1,
            archived=(),
            landed_together=tuple(each.version_id for each in together),
            started_at=LANDED_AT,
            finished_at=LANDED_AT,
        )
        key = manifest_key(file.file_id, Stage.ARCHIVE, generation)
        self.s3.put("ingest", key, manifest.model_dump_json().encode())
        self.delete(file)

    async def sorted(self, *files: LandedFile) -> list[LandedFile]:
        """The oldest first; every two of them must agree with that."""
        orders = {order_of(file): file for file in files}
        ties = await TieBreaker(self.s3.store()).among(orders, "ingest")
        return [orders[order] for order in _sorted(list(orders), ties)]


def _sorted(orders: list[str], ties: Ties) -> list[str]:
    by_count = sorted(orders, key=lambda order: sum(ties.is_older(each, order) for each in orders))
    assert all(ties.is_older(*pair) and not ties.is_older(*pair[::-1]) for pair in combinations(by_count, 2))
    return by_count


def _json(file: LandedFile) -> bytes:
    return normalized(file, snapshot(file)).model_dump_json().encode()


async def test_extracts_that_do_not_tie_cost_no_request() -> None:
    orders = [order_of(extract(day)) for day in (30, 31)]
    no_s3 = TieBreaker(store=None)  # type: ignore[arg-type]
    assert await no_s3.among(orders, "ingest") == Ties()


def test_a_tie_takes_the_same_date_and_second_whatever_its_fraction() -> None:
    one, other = landed(version="v1"), landed(version="v2", at=LANDED_AT + timedelta(milliseconds=5))
    assert tied([order_of(one), order_of(other), order_of(landed(version="v3", at=LATER))]) == [
        sorted([order_of(one), order_of(other)])
    ]
    assert tied([order_of(one), order_of(landed(version="v1", at=other.landed_at))]) == []
    assert tied(["of an earlier release", "of another"]) == []


async def test_versions_of_a_key_are_ordered_as_s3_lists_them() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    assert order_of(newer) < order_of(older)
    assert await landing.sorted(older, newer) == [older, newer]


async def test_versions_of_a_deleted_key_are_still_listed() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    await landing.s3.delete_object(Bucket="ingest", Key=older.key)
    assert await landing.sorted(older, newer) == [older, newer]


async def test_a_null_version_is_ordered_like_any_other() -> None:
    landing = Landing()
    landing.put()
    landing.s3.change_newest("ingest", KEY, version_id="null")
    null = landed(KEY, "null")
    landing.s3.put("ingest", manifest_key(null.file_id, Stage.NORMALIZE, 0), _json(null))
    newer = landing.put()
    assert await landing.sorted(newer, null) == [null, newer]


async def test_a_longer_key_is_another() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    landing.put(f"{older.key}.bak")
    assert await landing.sorted(older, newer) == [older, newer]


@pytest.mark.parametrize("moved", [0, 1])
async def test_what_the_archiver_recorded_holds_once_one_is_moved(moved: int) -> None:
    landing = Landing()
    files = landing.put_with_misleading_ids()
    landing.archive(files[moved], together=files[::-1])
    assert await landing.sorted(*files) == [*files]


@pytest.mark.parametrize("first", [0, 1])
async def test_what_either_record_says_holds_once_both_are_moved(first: int) -> None:
    landing = Landing()
    files = landing.put_with_misleading_ids()
    landing.archive(files[first], together=files[::-1])
    landing.archive(files[1 - first], together=[files[1 - first]])
    assert await landing.sorted(*files) == [*files]


async def test_what_landed_after_the_other_was_moved_is_the_newer() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    landing.archive(older, together=[older])
    assert await landing.sorted(older, newer) == [older, newer]
    landing.archive(newer, together=[newer])
    assert await landing.sorted(older, newer) == [older, newer]


async def test_a_later_generation_that_archived_nothing_does_not_cover_the_first_record() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    for file in (newer, older):
        landing.archive(file, together=[newer, older] if file is newer else [older])
        landing.archive(file, generation=1)
    assert await landing.sorted(older, newer) == [older, newer]


async def test_what_an_earlier_release_archived_is_older_than_what_is_still_in_landing() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    landing.archive(older)
    assert await landing.sorted(older, newer) == [older, newer]


async def test_of_two_that_an_earlier_release_archived_the_id_decides_as_it_did_then() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    landing.archive(older)
    landing.archive(newer)
    assert await landing.sorted(older, newer) == [newer, older]


async def test_a_version_that_expired_is_older_than_what_overwrote_it() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    landing.delete(older)
    assert await landing.sorted(older, newer) == [older, newer]


async def test_of_different_keys_the_id_decides() -> None:
    landing = Landing()
    files = [landing.put(f"landing/20260131_{name}.zip") for name in "abcdef"]
    assert await landing.sorted(*files) == sorted(files, key=order_of)


async def test_a_file_whose_manifests_are_gone_is_ordered_by_its_id() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    landing.s3.versions.pop(("ingest", manifest_key(older.file_id, Stage.NORMALIZE, 0)))
    assert await landing.sorted(older, newer) == [newer, older]


async def test_versions_of_two_keys_are_never_newer_than_each_other_in_a_circle() -> None:
    """Nor does it matter of which of them somebody asks."""
    landing = Landing()
    versions = [[landing.put(f"landing/20260131_{name}.zip") for _ in range(3)] for name in "ab"]
    files = [file for of_key in versions for file in of_key]
    smallest = [min(file.file_id for file in of_key) for of_key in versions]
    true_order = versions[0] + versions[1] if smallest[0] < smallest[1] else versions[1] + versions[0]
    assert await landing.sorted(*files) == true_order
    for some in permutations(files, 2):
        assert await landing.sorted(*some) == [file for file in true_order if file in some]


@given(puts=st.lists(st.sampled_from(["put", "archive the oldest", "archive the newest"]), max_size=12))
async def test_the_order_holds_whenever_the_archiver_comes_between(puts: list[str]) -> None:
    """With records made as the archiver makes them: of what is in landing/ when a version is moved."""
    landing = Landing()
    files: list[LandedFile] = []
    present: list[LandedFile] = []
    for each in ["put", *puts, "put"]:
        if each == "put":
            files.append(landing.put())
            present.append(files[-1])
        elif present:
            file = present[0] if each == "archive the oldest" else present[-1]
            landing.archive(file, together=present[::-1])
            present.remove(file)
    assert await landing.sorted(*files) == files


@pytest.mark.parametrize(("recorded_one", "recorded_other"), [*product([(), ("v1",)], [(), ("v2",)])])
def test_two_that_were_archived_in_one_second_are_not_told_apart(
    recorded_one: tuple[str, ...], recorded_other: tuple[str, ...]
) -> None:
    one, other = Trace("v1", recorded_one, LATER), Trace("v2", recorded_other, LATER)
    assert not is_older(one, other, [])
    assert not is_older(other, one, [])


async def test_a_switch_and_its_cleaning_compare_alike() -> None:
    """The loser of a tie goes, and the winner stays, although the text says the opposite."""
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    lake = Lake()
    lake.s3, lake.time = landing.s3, LATER
    grace = timedelta(hours=12)
    for file in (older, newer):
        snapshots = lake.snapshots(grace)
        switched = await snapshots.switch(lake.put(file, snapshot(file)))
        await snapshots.clear(switched, "ingest")
    assert lake.location() == snapshot(newer).location

    lake.time += grace
    switched = await snapshots.switch(lake.put(older, snapshot(older)))
    await snapshots.clear(switched, "ingest")
    assert [notice.code for notice in switched.notices] == ["SNAPSHOT_SUPERSEDED"]
    assert lake.location() == snapshot(newer).location
    present = {key for bucket, key in lake.s3.objects if bucket == "curated"}
    assert present == {snapshot(newer).object.key}


async def test_one_that_awaits_its_switch_is_not_cleared_away() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    lake = Lake()
    lake.s3, lake.time = landing.s3, LATER
    grace = timedelta(hours=12)
    lake.put(newer, snapshot(newer))
    for _ in range(2):
        snapshots = lake.snapshots(grace)
        await snapshots.clear(await snapshots.switch(lake.put(older, snapshot(older))), "ingest")
        lake.time += 2 * grace
    present = {key for bucket, key in lake.s3.objects if bucket == "curated"}
    assert present == {snapshot(older).object.key, snapshot(newer).object.key}


async def test_a_shrunk_one_of_the_same_second_is_held_back() -> None:
    landing = Landing()
    older, newer = landing.put_with_misleading_ids()
    lake = Lake()
    lake.s3 = landing.s3
    await lake.snapshots().switch(lake.put(older, snapshot(older, rows=10)))
    switched = await lake.snapshots().switch(lake.put(newer, snapshot(newer, rows=1)))
    assert [each.code for each in switched.held_back] == ["SNAPSHOT_SHRUNK"]
    assert lake.location() == snapshot(older).location
