"""Where everything about a file lies in the ingest bucket: one function a kind of object."""

from __future__ import annotations

from shared.identity import landing_date_of
from shared.stages import Stage

LANDING = "landing/"


def _dated(root: str, file_id: str) -> str:
    return f"{root}/{landing_date_of(file_id):%Y/%m/%d}/{file_id}/"


def raw_prefix(file_id: str) -> str:
    """The folder of a file's decrypted members."""
    return _dated("raw", file_id)


def raw_key(file_id: str, member: str) -> str:
    """A decrypted member; ``member`` has been made safe as one path part by the decryptor."""
    return raw_prefix(file_id) + member


def staging_key(file_id: str, token: str) -> str:
    """A verified inner archive while its members are read: encrypted by the bucket, deleted afterwards."""
    return _dated("raw/.staging", file_id) + token


def manifest_prefix(file_id: str) -> str:
    """The folder of every manifest of a file: its whole story."""
    return _dated("manifests", file_id)


def manifest_key(file_id: str, stage: Stage, generation: int) -> str:
    """The one object whose existence means that this stage of this generation succeeded."""
    return f"{manifest_prefix(file_id)}{stage}.{generation}.json"


def failure_key(file_id: str, stage: Stage, generation: int, attempt: int) -> str:
    """The ``attempt``-th failure of a stage; failures never short-circuit a later try."""
    return f"{manifest_prefix(file_id)}{stage}.{generation}.failed-{attempt}.json"


def quarantine_prefix(file_id: str) -> str:
    """The folder of a file's rejected rows."""
    return _dated("quarantine", file_id)


def quarantine_key(file_id: str, stem: str) -> str:
    """The rejected rows of one member, one JSON object a line."""
    return f"{quarantine_prefix(file_id)}{stem}.jsonl"


def archive_prefix(file_id: str, kind: str) -> str:
    """The archive folder of a file's ``landing`` original or ``raw`` members."""
    return _dated(f"archive/{kind}", file_id)
