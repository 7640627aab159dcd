"""What the demo verifies for itself before it calls anything a success."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pyarrow as pa
from botocore.exceptions import ClientError

from landfall.demo.catalog import RegisteredTable
from landfall.demo.extract import Extract
from shared.identity import LandedFile
from shared.outcomes import SuccessOutcome


@dataclass(slots=True)
class Checks:
    """Named facts, each true or not."""

    results: list[tuple[str, bool]] = field(default_factory=list)

    def note(self, fact: str, holds: bool) -> bool:
        """Record whether a fact holds."""
        self.results.append((fact, holds))
        return holds

    @property
    def passed(self) -> bool:
        """Whether there were facts and all hold."""
        return bool(self.results) and all(holds for _, holds in self.results)


def rows_add_up(checks: Checks, outcome: SuccessOutcome, extract: Extract, counts: dict[str, int]) -> None:
    """Every record of every CSV is accounted for, and SQL finds exactly the rows that were announced."""
    announced = {each.dataset: each.rows for each in outcome.datasets}
    records = sum(extract.rows.values())
    came_in = sum(rows.rows_in for rows in announced.values())
    checks.note(f"all {records:,} records of {len(extract.rows)} CSVs came in", came_in == records)
    checks.note(
        "in every dataset: rows in = out + rejected + filtered + duplicates",
        all(r.rows_in == r.rows_out + r.rejected + r.filtered + r.duplicates for r in announced.values()),
    )
    checks.note(
        f"SQL counts {sum(counts.values()):,} rows, as announced for each of {len(announced)} tables",
        counts == {dataset: rows.rows_out for dataset, rows in announced.items()},
    )


def originals_moved(checks: Checks, file: LandedFile, outcome: SuccessOutcome) -> None:
    """Every archived original is there, and the landed version is no longer in landing/."""
    checks.note(
        f"all {len(outcome.archived)} originals are in archive/",
        all(_exists(*address.removeprefix("s3://").split("/", 1)) for address in outcome.archived),
    )
    checks.note("landing/ no longer holds this version", not _exists(file.bucket, file.key, file.version_id))


def nothing_leaked(
    checks: Checks, extract: Extract, tables: list[RegisteredTable], texts: list[str], logs: Path
) -> None:
    """No personal value of the extract is in the tables, the events, the manifests or the logs."""
    values = extract.personal_values()
    cells = {cell for table in tables for cell in _texts(table.rows)}
    checks.note(
        f"none of {len(values):,} personal values is a cell of any table, and no cell holds an address",
        not values & cells and not any("@" in cell for cell in cells),
    )
    written = "\n".join([*texts, *(path.read_text(encoding="utf-8") for path in logs.glob("*.log"))])
    found = sum(1 for value in values if value in written)
    checks.note("none is in a manifest, an outcome or a log", found == 0)


def manifest_texts(bucket: str) -> list[str]:
    """The text of every manifest."""
    s3 = boto3.client("s3")
    return [
        s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read().decode()
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="manifests/")
        for item in page.get("Contents", [])
    ]


def still_in_landing(file: LandedFile) -> bool:
    """Whether exactly this version lies untouched in landing/."""
    return _exists(file.bucket, file.key, file.version_id)


def curated_objects_of(bucket: str, file_id: str) -> int:
    """How many curated objects a file has."""
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sum(file_id in item["Key"] for page in pages for item in page.get("Contents", []))


def _texts(rows: pa.Table) -> Iterator[str]:
    for column in rows.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            for cell in column.unique().to_pylist():
                if cell is not None:
                    yield cell


def _exists(bucket: str, key: str, version_id: str | None = None) -> bool:
    s3 = boto3.client("s3")
    try:
        if version_id is None:
            s3.head_object(Bucket=bucket, Key=key)
        else:
            s3.head_object(Bucket=bucket, Key=key, VersionId=version_id)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NoSuchVersion"}:
            return False
        raise
    return True
