"""Identity: a file is one version of one object, and its id leads to its date."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import file_id, landing_date_of
from tests.builders import LANDED_AT, landed


def test_the_id_begins_with_the_utc_landing_date() -> None:
    in_denver = LANDED_AT.astimezone(timezone(timedelta(hours=-7)))
    assert landed(at=in_denver).file_id == landed().file_id
    assert landed().file_id.startswith("20260131-")


def test_every_version_of_a_key_is_another_file() -> None:
    assert landed(version="v1").file_id != landed(version="v2").file_id


def test_size_is_no_part_of_identity() -> None:
    assert landed().model_copy(update={"size": 2}).file_id == landed().file_id


@given(st.text(), st.text(), st.text())
def test_parts_cannot_run_into_each_other(bucket: str, key: str, version: str) -> None:
    if "\0" in bucket + key + version:
        return
    day = LANDED_AT.date()
    assert file_id(bucket + "x", key, version, day) != file_id(bucket, "x" + key, version, day)


def test_a_file_id_gives_its_landing_date_back() -> None:
    assert landing_date_of(landed().file_id) == LANDED_AT.date()


@pytest.mark.parametrize("text", ["", "20260131", "20260131-xyz", "2026013-0123456789abcdef", "landing/a"])
def test_other_text_is_no_file_id(text: str) -> None:
    with pytest.raises(ValueError, match="a file id looks like"):
        landing_date_of(text)
