"""What became of a file, by looking from outside: at S3, the queues, the catalog and the outcomes only."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import boto3
import pyarrow.parquet as pq

from landfall.demo.catalog import registered_tables
from landfall.deployment import Deployment, Queue
from services.normalizer.errors import TooManyBadRows
from shared.identity import LandedFile
from shared.layout import manifest_key, manifest_prefix, parse_manifest_key
from shared.lineage import generations_of
from shared.manifests import NormalizeManifest
from shared.stages import Stage
from tests.faults.deliveries import Deliveries
from tests.faults.letters import DeadLetters
from tests.faults.samples import COMPARED, DATASETS, Row, Sample

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FOLDERS = ("raw", "archive", "quarantine", "manifests")
_DEPTHS = frozenset(f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed"))
_FILE_ID = re.compile(r"\d{8}-[0-9a-f]{16}")


@dataclass(slots=True)
class Findings:
    """What is wrong with a file, if anything is.

    ``lost`` counts rows, originals and outcomes that should be there, ``doubled`` those that are there too
    often or should not be there at all.
    """

    lost: int = 0
    doubled: int = 0
    faults: list[str] = field(default_factory=list)

    def missing(self, many: int, what: str) -> None:
        """Note what should be there."""
        if many > 0:
            self.lost += many
            self.faults.append(f"{many} {what} missing")

    def surplus(self, many: int, what: str) -> None:
        """Note what should not be there."""
        if many > 0:
            self.doubled += many
            self.faults.append(f"{many} {what} too many")

    def count(self, found: int, wanted: int, what: str) -> None:
        """Note a number that is not what it should be."""
        self.missing(wanted - found, what)
        self.surplus(found - wanted, what)

    def add(self, other: Findings) -> None:
        """Take over the findings of another file."""
        self.lost += other.lost
        self.doubled += other.doubled
        self.faults += other.faults

    def compare(self, found: Counter[Row], wanted: Counter[Row], what: str) -> None:
        """Note rows that differ, by content."""
        self.missing((wanted - found).total(), what)
        self.surplus((found - wanted).total(), what)


class Auditor:
    """Looks at one deployment."""

    def __init__(self, deployment: Deployment, deliveries: Deliveries) -> None:
        self._deployment = deployment
        self._deliveries = deliveries
        self._s3: S3Client = boto3.client("s3")
        self._sqs = boto3.client("sqs")
        self._letters = DeadLetters([queue.dead_letter_url for queue in deployment.queues.values()])
        self._read_rows = cache(self._rows_of)

    def audit(self, sample: Sample, file: LandedFile) -> Findings:
        """Compare what is there with what must be there, once everything is quiet."""
        found = Findings()
        for dataset, rows in self._visible_rows(sample.marker).items():
            found.compare(rows, sample.rows.get(dataset, Counter()), f"rows of {dataset}")
        succeeds = sample.fails is None
        for dataset, rows in sample.unshown.items():
            lie = self._curated_rows(dataset, sample.marker, file)
            found.compare(lie, rows, f"unshown rows of {dataset}")
        objects = len(sample.rows) + len(sample.unshown)
        found.surplus(len(self._unlisted(file, objects)), "objects in the curated bucket")
        stays = not succeeds and not sample.is_deleted
        found.count(self.originals_in_landing(sample, file), 1 if stays else 0, "originals in landing/")
        self._check_archive(found, sample, file, succeeds)
        raw = self._keys(self._deployment.ingest_bucket, "raw/", file)
        found.surplus(len(raw) if succeeds or not sample.decrypted else 0, "objects in raw/")
        self._check_quarantine(found, sample, file)
        found.surplus(len(self._open_uploads(file)), "open uploads")
        self._check_outcomes(found, sample, file)
        found.missing(0 if succeeds or self._letters.tells_of(file) else 1, "dead letter")
        return found

    def look_anew(self) -> None:
        """Forget what is known of dead letters: somebody may have taken one away."""
        self._letters.forget()

    def originals_in_landing(self, sample: Sample, file: LandedFile) -> int:
        """Whether the landed version still lies where it landed: 1, or 0."""
        return self._versions(f"landing/{sample.key}").count(file.version_id)

    def strays(self, file_ids: Collection[str]) -> list[str]:
        """Objects and open uploads of none of these files, wherever Landfall puts something."""
        ingest, curated = self._deployment.ingest_bucket, self._deployment.curated_bucket
        places = [
            (curated, ""),
            *((ingest, each) for each in ("raw/", "archive/", "quarantine/", "manifests/")),
        ]
        keys = [key for bucket, prefix in places for key, _ in self._listed(bucket, prefix)]
        keys += [key for bucket in (ingest, curated) for key in self._uploads(bucket)]
        return [key for key in keys if not any(name in file_ids for name in _FILE_ID.findall(key))]

    def dead_letters(self) -> int:
        """How many lie in the dead-letter queues, those included that somebody looks at."""
        return sum(self._depth(queue.dead_letter_url) for queue in self._queues())

    def quiet(self) -> bool:
        """Whether no queue of a stage holds any message, visible or not."""
        return not any(self._depth(queue.url) for queue in self._queues())

    def _check_archive(self, found: Findings, sample: Sample, file: LandedFile, succeeds: bool) -> None:
        bucket = self._deployment.ingest_bucket
        originals = [self._read(bucket, key) for key in self._keys(bucket, "archive/landing/", file)]
        found.count(originals.count(sample.body), 1 if succeeds else 0, "archived originals")
        found.surplus(len(originals) - originals.count(sample.body), "other objects in archive/landing/")
        members = Counter(self._read(bucket, key) for key in self._keys(bucket, "archive/raw/", file))
        wanted = Counter(sample.members.values()) if succeeds else Counter[bytes]()
        found.missing((wanted - members).total(), "archived members")
        if not sample.is_deleted:  # then the copies that were made before that showed may stay
            found.surplus((members - wanted).total(), "archived members")

    def _check_quarantine(self, found: Findings, sample: Sample, file: LandedFile) -> None:
        """The newest manifest lists the rejected rows; a run that failed leaves its own on purpose."""
        bucket = self._deployment.ingest_bucket
        present = set(self._keys(bucket, "quarantine/", file))
        if sample.fails is not None:
            rejected = sample.fails == TooManyBadRows.code
            found.missing(1 if rejected and not present else 0, "objects in quarantine/")
            found.surplus(0 if rejected else len(present), "objects in quarantine/")
            return
        records = self._keys(bucket, manifest_prefix(file.file_id), file)
        names = [name for key in records if (name := parse_manifest_key(key)) is not None]
        done = generations_of(names, Stage.NORMALIZE)
        if done:
            key = manifest_key(file.file_id, Stage.NORMALIZE, done[0])
            manifest = NormalizeManifest.model_validate_json(self._read(bucket, key))
            listed = {key for where, key in manifest.listed() if where == bucket}
            found.surplus(len(present - listed), "objects in quarantine/")
            found.missing(len(listed - present), "objects in quarantine/")

    def _check_outcomes(self, found: Findings, sample: Sample, file: LandedFile) -> None:
        outcomes = self._deliveries.of(file.file_id)
        found.missing(0 if outcomes else 1, "outcome")
        ids = {outcome["outcome_id"] for outcome in outcomes}
        generations = {outcome["generation"] for outcome in outcomes}
        found.surplus(len(ids) - max(1, len(generations)), "outcome ids")
        wanted = ("succeeded", None) if sample.fails is None else ("failed", sample.fails)
        other = [each for each in outcomes if (each["status"], each.get("code")) != wanted]
        found.surplus(len(other), f"outcomes such as {other[0].get('code')}" if other else "")

    def _visible_rows(self, marker: int) -> dict[str, Counter[Row]]:
        """The rows of one file in every table, at exactly the locations that the catalog registers."""
        visible: dict[str, Counter[Row]] = {DATASETS[name]: Counter() for name in DATASETS}
        bucket = self._deployment.curated_bucket
        objects = self._listed(bucket, "")
        for table in registered_tables(self._deployment.database):
            if table.name in DATASETS:
                folders = {location.removeprefix(f"s3://{bucket}/") for _, location in table.partitions}
                for key, etag in objects:
                    if f"{key.rpartition('/')[0]}/" in folders:
                        rows = self._read_rows(DATASETS[table.name], bucket, key, etag)
                        visible[DATASETS[table.name]] += rows.get(marker, Counter())
        return visible

    def _curated_rows(self, dataset: str, marker: int, file: LandedFile) -> Counter[Row]:
        """The rows of one file that lie in a dataset's folder, whether a table shows them or not."""
        bucket, rows = self._deployment.curated_bucket, Counter[Row]()
        for key, etag in self._listed(bucket, f"{dataset}/"):
            if file.file_id in key:
                rows += self._read_rows(dataset, bucket, key, etag).get(marker, Counter())
        return rows

    def _rows_of(self, dataset: str, bucket: str, key: str, _etag: str) -> dict[object, Counter[Row]]:
        columns = pq.read_table(io.BytesIO(self._read(bucket, key)), columns=list(COMPARED[dataset]))
        by_marker: dict[object, Counter[Row]] = {}
        for row in zip(*(column.to_pylist() for column in columns.columns), strict=True):
            by_marker.setdefault(row[0], Counter())[row] += 1
        return by_marker

    def _unlisted(self, file: LandedFile, wanted: int) -> list[str]:
        """The curated objects of a file beyond one a dataset: an orphan need not be in any table."""
        return self._keys(self._deployment.curated_bucket, "", file)[wanted:]

    def _open_uploads(self, file: LandedFile) -> list[str]:
        buckets = (self._deployment.ingest_bucket, self._deployment.curated_bucket)
        return [key for bucket in buckets for key in self._uploads(bucket) if file.file_id in key]

    def _uploads(self, bucket: str) -> list[str]:
        return [each["Key"] for each in self._s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]

    def _keys(self, bucket: str, prefix: str, file: LandedFile) -> list[str]:
        return [key for key, _ in self._listed(bucket, prefix) if file.file_id in key]

    def _listed(self, bucket: str, prefix: str) -> list[tuple[str, str]]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [(item["Key"], item["ETag"]) for page in pages for item in page.get("Contents", [])]

    def _versions(self, key: str) -> list[str]:
        answer = self._s3.list_object_versions(Bucket=self._deployment.ingest_bucket, Prefix=key)
        return [version["VersionId"] for version in answer.get("Versions", [])]

    def _read(self, bucket: str, key: str) -> bytes:
        return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def _queues(self) -> list[Queue]:
        return list(self._deployment.queues.values())

    def _depth(self, url: str) -> int:
        answer = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(value) for name, value in answer.items() if name in _DEPTHS)
