"""Keys in the curated bucket: within what S3 and Glue allow whatever has landed, and never twice the same."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.footprint import row_footprint
from services.normalizer.placement import MOST_SOURCE_BYTES, place, source_of
from shared.identity import LandedFile
from shared.layout import MOST_KEY_BYTES
from tests.builders import landed
from tests.doubles.s3 import InMemoryS3

LONGEST_DATASET = "d" * 128
LONGEST_NAME = 200  # bytes that the decryptor leaves of a member's
EMOJI = "\N{GRINNING FACE}"  # four bytes, and seven once it is escaped
CHARS = st.one_of(st.sampled_from(["a", "/", " ", "~", "é", "語", EMOJI]), st.characters(codec="utf-8"))


def cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


FOLDERS = st.builds(
    lambda text, times: cut(text * times, 1_000), st.text(CHARS, min_size=1), st.integers(1, 300)
)
MEMBERS = st.builds(
    lambda text, times: cut(text * times, LONGEST_NAME), st.text(CHARS, min_size=1), st.integers(1, 200)
)
MODES = st.sampled_from(["append", "snapshot"])


def in_folder(folder: str) -> LandedFile:
    return landed(f"landing/{folder}/x")


@given(FOLDERS, MEMBERS, MODES)
def test_every_key_is_one_that_s3_takes(
    folder: str, member: str, mode: Literal["append", "snapshot"]
) -> None:
    placement = place(in_folder(folder), LONGEST_DATASET, mode, member)
    assert len(placement.key.encode()) <= MOST_KEY_BYTES
    assert placement.key.startswith(placement.folder)
    assert placement.key.endswith(".parquet")


@given(FOLDERS)
def test_a_source_is_a_partition_value_that_hive_and_glue_take_as_it_is(folder: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", source := source_of(in_folder(folder)))
    assert len(source) <= MOST_SOURCE_BYTES


@given(FOLDERS, FOLDERS)
def test_different_folders_are_different_sources(one: str, other: str) -> None:
    assert (source_of(in_folder(one)) == source_of(in_folder(other))) is (one == other)


@given(FOLDERS, CHARS, CHARS)
def test_long_folders_that_differ_in_their_last_letter_are_different_sources(
    folder: str, one: str, other: str
) -> None:
    long = (folder * MOST_SOURCE_BYTES)[: MOST_SOURCE_BYTES + 1]
    sources = {source_of(in_folder(f"{long}.{last}.")) for last in (one, other)}
    assert len(sources) == len({one, other})


@given(MEMBERS, MEMBERS)
def test_different_members_have_different_keys_even_in_the_longest_folder(one: str, other: str) -> None:
    keys = {place(in_folder(EMOJI * 250), LONGEST_DATASET, "snapshot", each).key for each in (one, other)}
    assert len(keys) == len({one, other})


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("10012345", "10012345"),
        ("EU/Daily extracts", "EU~2f~Daily~20~extracts"),
        ("a~2f~b", "a~7e~2f~7e~b"),
        ("a" * MOST_SOURCE_BYTES, "a" * MOST_SOURCE_BYTES),
        ("語" * 133, "~8a9e~" * 133),
    ],
    ids=["a number", "escapes", "what looks like one", "as long as may be", "as long once escaped"],
)
def test_a_folder_that_fits_is_its_own_source(folder: str, source: str) -> None:
    assert source_of(in_folder(folder)) == source


def test_a_folder_that_does_not_fit_keeps_its_beginning_and_no_half_escape() -> None:
    source = source_of(in_folder("EU/" + EMOJI * 200))
    assert re.fullmatch(r"EU~2f~(~1f600~)+~[0-9a-f]{16}", source)


async def test_what_other_runs_left_is_looked_for_even_of_the_longest_folder() -> None:
    s3 = InMemoryS3()
    file = in_folder(EMOJI * 250)
    s3.put("curated", f"{LONGEST_DATASET}/another", b"")
    keys = {place(file, LONGEST_DATASET, mode, "語" * 66).key for mode in ("append", "snapshot")}
    for key in keys:
        s3.put("curated", key, b"rows")
    store = s3.store()
    found = {
        item.key
        async for folder in row_footprint(store, "curated")(file)
        async for item in store.list(folder.bucket, folder.prefix)
    }
    assert found == keys
