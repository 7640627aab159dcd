"""Where everything about a file lies in the ingest bucket: one function a kind of object."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from shared.identity import landing_date_of
from shared.naming import bounded
from shared.stages import Stage

MOST_KEY_BYTES = 1_024  # of UTF-8: S3 allows no longer key, nor a longer prefix of a listing
LANDING = "landing/"
STAGING = "raw/.staging/"
INSTRUCTION_SUFFIX = ".instruction"  # of an object that the S3 Encryption Client puts beside a landed file
PROFILE_LOCK = "recipes/profiles.json"  # which profile versions each dataset's columns hold
_MANIFEST = re.compile(
    r"manifests/\d{4}/\d\d/\d\d/(?P<file_id>[^/]+)/"
    rf"(?P<stage>opened|{'|'.join(Stage)})\.(?P<generation>\d+)(\.failed-(?P<failure>\d+))?\.json"
)
_RESOLVED = re.compile(
    r"manifests/\d{4}/\d\d/\d\d/(?P<file_id>[^/]+)/resolved\.(?P<generation>\d+)-(?P<number>\d+)\.json"
)
REOPENED = "manifests/open/"
_REOPENED = re.compile(REOPENED + r"(?P<file_id>\d{8}-[0-9a-f]{16})\.(?P<generation>\d+)")
ARRIVALS = "manifests/arrivals/"  # when files came into each folder of landing/
_ARCHIVED_NAME_BYTES = 200


def _dated(root: str, file_id: str) -> str:
    return f"{root}/{landing_date_of(file_id):%Y/%m/%d}/{file_id}/"


def raw_prefix(file_id: str) -> str:
    """The folder of a file's decrypted members."""
    return _dated("raw", file_id)


def raw_key(file_id: str, member: str) -> str:
    """A decrypted member; ``member`` has been made safe as one path part by the decryptor."""
    return raw_prefix(file_id) + member


def staging_prefix(file_id: str) -> str:
    """The folder of a file's inner archives."""
    return _dated(STAGING.rstrip("/"), file_id)


def staging_key(file_id: str, token: str) -> str:
    """A verified inner archive while its members are read: encrypted by the bucket, deleted afterwards."""
    return staging_prefix(file_id) + token


def manifest_prefix(file_id: str) -> str:
    """The folder of every manifest of a file: its whole story."""
    return _dated("manifests", file_id)


def manifest_key(file_id: str, stage: Stage, generation: int) -> str:
    """The one object whose existence means that this stage of this generation succeeded."""
    return f"{manifest_prefix(file_id)}{stage}.{generation}.json"


def failure_key(file_id: str, stage: Stage, generation: int, attempt: int) -> str:
    """The ``attempt``-th failure of a stage; failures never short-circuit a later try."""
    return f"{manifest_prefix(file_id)}{stage}.{generation}.failed-{attempt}.json"


def telling_key(file_id: str, stage: Stage, generation: int, attempt: int) -> str:
    """What the sweep announces before it records it as that failure."""
    return f"{manifest_prefix(file_id)}{stage}.{generation}.telling-{attempt}.json"


def told_key(file_id: str, stage: Stage, generation: int, attempt: int) -> str:
    """The one object whose existence means that the sweep has announced a failure that a stage recorded."""
    return f"{manifest_prefix(file_id)}{stage}.{generation}.told-{attempt}.json"


def opened_key(file_id: str, generation: int) -> str:
    """The one object whose existence means that an operator opened this generation."""
    return f"{manifest_prefix(file_id)}opened.{generation}.json"


def resolved_key(file_id: str, generation: int, number: int) -> str:
    """The ``number``-th record that an operator closed the failure of this generation without a replay."""
    return f"{manifest_prefix(file_id)}resolved.{generation}-{number}.json"


def parse_resolved_key(key: str) -> tuple[str, int, int] | None:
    """The file id, generation and number of such a record; None for any other key."""
    match = _RESOLVED.fullmatch(key)
    return None if match is None else (match["file_id"], int(match["generation"]), int(match["number"]))


def reopened_key(file_id: str, generation: int) -> str:
    """A pointer to a file that may be running again: :mod:`shared.reopened` says what it is worth."""
    return f"{REOPENED}{file_id}.{generation}"


def parse_reopened_key(key: str) -> tuple[str, int] | None:
    """The file id and generation of such a pointer; None where the key is none."""
    match = _REOPENED.fullmatch(key)
    return None if match is None else (match["file_id"], int(match["generation"]))


def move_key(replay_id: str) -> str:
    """The record that an operator had SQS move whole dead-letter queues back."""
    return f"manifests/moves/{replay_id}.json"


def move_result_key(replay_id: str) -> str:
    """How many messages SQS moved then, once it has answered."""
    return f"manifests/moves/{replay_id}.result.json"


def arrivals_key(at: datetime) -> str:
    """What the sweep of this (UTC) hour knew of all deliveries."""
    return f"{ARRIVALS}{at.astimezone(UTC):%Y/%m/%d/%H}.json"


@dataclass(frozen=True, slots=True)
class ManifestName:
    """What the key of an object under ``manifests/`` says by itself, without the object being read."""

    file_id: str
    stage: Stage | None
    """None where the object records that the generation was opened."""
    generation: int
    failure: int
    """Which failure of the stage it is; 0 for a success."""


def parse_manifest_key(key: str) -> ManifestName | None:
    """The inverse of the functions of manifest, failure and opening; None where none of them made the key."""
    match = _MANIFEST.fullmatch(key)
    if match is None:
        return None
    stage = None if match["stage"] == "opened" else Stage(match["stage"])
    return ManifestName(match["file_id"], stage, int(match["generation"]), int(match["failure"] or 0))


def quarantine_prefix(file_id: str) -> str:
    """The folder of a file's rejected rows."""
    return _dated("quarantine", file_id)


def quarantine_key(file_id: str, stem: str) -> str:
    """The rejected rows of one member, one JSON object a line."""
    return f"{quarantine_prefix(file_id)}{stem}.jsonl"


def archive_prefix(file_id: str, kind: Literal["landing", "raw"]) -> str:
    """The archive folder of a file's ``landing`` original or ``raw`` members."""
    return _dated(f"archive/{kind}", file_id)


def archive_key(file_id: str, kind: Literal["landing", "raw"], key: str) -> str:
    """Where an original goes: under the last part of its own key, cut so that no legal key overflows."""
    name = key.rpartition("/")[2] or "object"
    return archive_prefix(file_id, kind) + bounded(name, _ARCHIVED_NAME_BYTES)
