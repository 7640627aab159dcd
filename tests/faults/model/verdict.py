"""What must hold of every file in the end, and of every original at any time."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.lineage import generations_of, recorded
from shared.manifests import NormalizeManifest
from shared.stages import Stage
from tests.doubles.aws import CURATED, INGEST, Aws
from tests.faults.model.deployment import Deployment
from tests.faults.model.files import Kind

_HINDERED = "AWS_UNAVAILABLE"  # what a file fails with as well that AWS refused until the last receive


@dataclass(frozen=True, slots=True)
class Landed:
    """A version that landed."""

    file: LandedFile
    kind: Kind
    body: bytes
    marker: int


def is_somewhere(aws: Aws, landed: Landed) -> bool:
    """Whether the original lies in landing/, or else, once and whole, in archive/."""
    return _in_landing(aws, landed) or _under(aws, landed, INGEST, "archive/landing/") == [landed.body]


def check(world: Deployment, landed: Landed, generation: int) -> None:
    """Whether a file is exactly where it must be, now that everything is quiet.

    Args:
        world: Where.
        landed: The file.
        generation: The last one that was opened of it.

    Raises:
        AssertionError: it is not.
    """
    if landed.kind.fails is None:
        _check_success(world, landed, generation)
    else:
        _check_failure(world.aws, landed, landed.kind.fails)


def _check_success(world: Deployment, landed: Landed, generation: int) -> None:
    aws = world.aws
    assert _under(aws, landed, INGEST, "raw/") == [], "orphans in raw/"
    manifest = world.run(_normalized(aws, landed))
    listed = {each.object.key: each.object.etag for each in manifest.curated}
    present = {key: aws.s3.versions[CURATED, key][-1].etag for key in _keys(aws, landed, CURATED)}
    assert present == listed, "the curated bucket differs from the manifest"
    for each in manifest.curated:
        parquet = aws.s3.objects[CURATED, each.object.key]
        assert list(each.columns) == pq.read_schema(io.BytesIO(parquet)).names, (
            "not the columns of its object"
        )
    rejects = {key for bucket, key in manifest.listed() if bucket == INGEST}
    assert set(_keys(aws, landed, INGEST, "quarantine/")) == rejects, "quarantine/ differs from the manifest"
    assert len(rejects) == (len(manifest.curated) if landed.kind.rejects else 0), (
        "rejected rows are not listed"
    )
    rows = Counter(row for body in _under(aws, landed, CURATED) for row in _rows(body))
    members = {each.member for each in manifest.curated}
    assert rows == Counter(landed.kind.rows(landed.marker, members)), "rows differ"
    assert not _in_landing(aws, landed), "an original that is archived is still in landing/"
    latest = {
        each["outcome_id"]
        for each in _outcomes(aws, landed)
        if each["status"] == "succeeded" and each["generation"] == generation
    }
    assert len(latest) == 1, "the newest generation's outcome"


def _check_failure(aws: Aws, landed: Landed, code: str) -> None:
    assert _keys(aws, landed, CURATED) == [], "rows of a file that failed"
    assert _keys(aws, landed, INGEST, "quarantine/"), "nobody can see which rows a file failed for"
    assert _in_landing(aws, landed), "the original of a file that failed is not in landing/"
    codes = {each["code"] for each in _outcomes(aws, landed)}
    assert codes - {_HINDERED} == {code}, f"{codes} instead of {code}"
    runs = {(each["generation"], each["stage"]) for each in _outcomes(aws, landed)}
    assert len({each["outcome_id"] for each in _outcomes(aws, landed)}) == len(runs), (
        "one outcome under two ids"
    )
    letters = [item.body for queue in aws.sqs.queues.values() for item in queue.dead]
    assert any(landed.file.key in body for body in letters), "a file that failed has no dead letter"


async def _normalized(aws: Aws, landed: Landed) -> NormalizeManifest:
    store, file = aws.s3.store(), landed.file
    newest = generations_of(await recorded(store, file), Stage.NORMALIZE)[0]
    body = await store.read(INGEST, manifest_key(file.file_id, Stage.NORMALIZE, newest))
    assert body is not None
    return NormalizeManifest.model_validate_json(body)


def _in_landing(aws: Aws, landed: Landed) -> bool:
    versions = aws.s3.versions[INGEST, landed.file.key]
    return any(version.version_id == landed.file.version_id for version in versions)


def _keys(aws: Aws, landed: Landed, bucket: str, prefix: str = "") -> list[str]:
    file_id = landed.file.file_id
    return [k for where, k in aws.s3.objects if where == bucket and k.startswith(prefix) and file_id in k]


def _under(aws: Aws, landed: Landed, bucket: str, prefix: str = "") -> list[bytes]:
    return [aws.s3.objects[bucket, key] for key in _keys(aws, landed, bucket, prefix)]


def _outcomes(aws: Aws, landed: Landed) -> list[dict[str, Any]]:
    outcomes = [json.loads(message["Message"]) for message in aws.sns.published]
    return [outcome for outcome in outcomes if outcome.get("file_id") == landed.file.file_id]


def _rows(parquet: bytes) -> list[tuple[object, ...]]:
    table = pq.read_table(io.BytesIO(parquet), columns=["send_id", "batch_id"])
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
