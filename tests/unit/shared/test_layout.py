"""Every key that is derived from a landed file is one that S3 takes, however long the file's own is."""

from __future__ import annotations

import pytest

from shared.layout import (
    MOST_KEY_BYTES,
    archive_key,
    failure_key,
    manifest_key,
    opened_key,
    quarantine_key,
    raw_key,
    reopened_key,
    staging_key,
)
from shared.stages import Stage
from tests.builders import landed

EMOJI = "\N{GRINNING FACE}"  # four bytes
LONGEST_MEMBER = EMOJI * 50  # what the decryptor leaves of a name
GENERATION = 10**6


@pytest.mark.parametrize(
    "landing_key",
    ["landing/" + EMOJI * 254, "landing/" + EMOJI * 253 + "/x/y"],
    ids=["a long name", "a long folder"],
)
def test_every_derived_key_fits(landing_key: str) -> None:
    assert len(landing_key.encode()) == MOST_KEY_BYTES
    file_id = landed(landing_key).file_id
    raw = raw_key(file_id, LONGEST_MEMBER)
    keys = [
        raw,
        archive_key(file_id, "landing", landing_key),
        archive_key(file_id, "raw", raw),
        staging_key(file_id, "f" * 32),
        quarantine_key(file_id, f"{LONGEST_MEMBER}.{GENERATION}.0123abcd"),
        manifest_key(file_id, Stage.NORMALIZE, GENERATION),
        failure_key(file_id, Stage.NORMALIZE, GENERATION, 10**6),
        opened_key(file_id, GENERATION),
        reopened_key(file_id, GENERATION),
    ]
    assert [key for key in keys if len(key.encode()) > MOST_KEY_BYTES] == []
    assert len(set(keys)) == len(keys)


def test_members_whose_names_are_cut_alike_go_to_different_places_in_the_archive() -> None:
    file_id = landed().file_id
    names = [EMOJI * 100 + last for last in ("a.csv", "b.csv")]
    assert len({archive_key(file_id, "landing", f"landing/{name}") for name in names}) == 2
