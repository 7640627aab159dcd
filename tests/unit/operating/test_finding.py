"""From an id, an address or a prefix to the files that are meant."""

from __future__ import annotations

from datetime import date

import pytest

from landfall.errors import OperatorError
from landfall.operating import finding
from landfall.operating.finding import file_id_in, find_stories, landed_files
from landfall.operating.selecting import select_files
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3
from tests.histories import History

ID = "20260131-0123456789abcdef"


@pytest.fixture(autouse=True)
def landing_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "today", lambda: date(2026, 2, 2))


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"s3://ingest/archive/landing/2026/01/31/{ID}/Extract.zip",
        f"s3://ingest/raw/2026/01/31/{ID}/Sent.csv",
        f"s3://curated/sent/ingest_date=2026-01-31/{ID}-Sent.csv.parquet",
        f"s3://curated/lists/source=default/snapshot={ID}/Lists.csv.parquet",
    ],
)
def test_the_id_of_a_file_is_found_in_any_address_of_ours(text: str) -> None:
    assert file_id_in(text) == ID


@pytest.mark.parametrize(
    "text", ["landing/a.zip", f"s3://ingest/landing/{ID}.zip", "20261331-0123456789abcdef", "", "s3://x"]
)
def test_no_id_is_found_where_there_is_none_or_the_name_is_the_senders(text: str) -> None:
    assert file_id_in(text) is None


async def test_an_address_means_every_version_that_lies_there_or_was_archived_lately() -> None:
    s3 = InMemoryS3()
    done = History(s3, "landing/a.zip").through(Stage.ARCHIVE)
    History(s3, "landing/other/a.zip").through(Stage.ARCHIVE)
    failed = History(s3, "landing/a.zip")
    failed.fail(Stage.DECRYPT)
    fresh = History(s3, "landing/a.zip")
    stories = await find_stories(s3.store(), "ingest", "s3://ingest/landing/a.zip")
    assert {(story.file_id, story.status) for story in stories} == {
        (done.file_id, "done"),
        (failed.file_id, "failed"),
        (fresh.file_id, "landed"),
    }


async def test_a_file_that_only_lies_in_landing_is_found_by_its_id() -> None:
    file = History(InMemoryS3())
    (story,) = await find_stories(file.s3.store(), "ingest", file.file_id)
    assert (story.status, story.file) == ("landed", file.file)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (ID, "Nothing is known of the file"),
        ("s3://ingest/landing/no.zip", "Nothing landed at"),
        ("s3://elsewhere/landing/a.zip", "is not in ingest"),
        ("a.zip", "is no file id and no address"),
    ],
)
async def test_what_is_not_there_is_said_in_a_sentence(what: str, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence):
        await find_stories(InMemoryS3().store(), "ingest", what)


async def test_folder_markers_and_instruction_files_are_no_files() -> None:
    s3 = InMemoryS3()
    for key in ("landing/folder/", "landing/a.zip.instruction", "landing/a.zip"):
        s3.put("ingest", key, b"" if key.endswith("/") else b'{"x-amz-key-v2": "a2V5"}')
    assert [file.key async for file in landed_files(s3.store(), "ingest")] == ["landing/a.zip"]


async def test_a_prefix_of_landing_means_what_lies_there_and_what_was_archived_from_there() -> None:
    s3 = InMemoryS3()
    archived = History(s3, "landing/unit-a/a.zip").through(Stage.ARCHIVE)
    failed = History(s3, "landing/unit-a/b.zip")
    failed.fail(Stage.DECRYPT)
    fresh = History(s3, "landing/unit-a/c.zip")
    History(s3, "landing/unit-b/a.zip").through(Stage.ARCHIVE)
    days = [archived.file.landing_date]
    for what in ("landing/unit-a/", "s3://ingest/landing/unit-a/"):
        found = await select_files(s3.store(), "ingest", what, days)
        assert {each.file_id for each in found} == {archived.file_id, failed.file_id, fresh.file_id}


async def test_a_prefix_of_the_archive_means_the_files_it_holds() -> None:
    s3 = InMemoryS3()
    files = [History(s3, f"landing/{n}.zip").through(Stage.ARCHIVE) for n in range(3)]
    found = await select_files(s3.store(), "ingest", "s3://ingest/archive/landing/2026/01/", [])
    assert {each.file_id for each in found} == {file.file_id for file in files}


async def test_a_prefix_under_which_nothing_is_known_is_said_in_a_sentence() -> None:
    with pytest.raises(OperatorError, match="No file is known at landing/x/"):
        await select_files(InMemoryS3().store(), "ingest", "landing/x/", [])
