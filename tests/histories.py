"""A landed file's history, written into an in-memory bucket as its stages would record it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from shared.events import FileFailed, Replay
from shared.identity import LandedFile
from shared.layout import archive_key, failure_key, manifest_key, opened_key, raw_key
from shared.manifests import (
    ArchivedObject,
    ArchiveManifest,
    CatalogedTable,
    CatalogManifest,
    CuratedObject,
    DecryptManifest,
    FailureManifest,
    GenerationOpened,
    Manifest,
    NormalizeManifest,
    RawMember,
    RowCounts,
    StoredObject,
)
from shared.objects.store import GENERATION
from shared.stages import Stage
from tests.doubles.s3 import InMemoryS3

M = TypeVar("M", bound=Manifest)

LANDED = b"as it landed"
RAW = b"decrypted"
REPLAY = Replay(replay_id="r1", requested_by="ada", requested_at=datetime(2026, 2, 1, 9, 0, tzinfo=UTC))
ROWS = RowCounts(rows_in=5, rows_out=4, rejected=1)


class History:
    """One file in the buckets ``ingest`` and ``curated``. Every method records one thing more of it."""

    def __init__(self, s3: InMemoryS3, key: str = "landing/20260131_Extract.zip") -> None:
        self.s3 = s3
        version = s3.put("ingest", key, LANDED, {"sender": "sfmc"})
        self.file = LandedFile(
            bucket="ingest",
            key=key,
            version_id=version.version_id,
            size=len(LANDED),
            landed_at=version.last_modified,
        )
        self.file_id = self.file.file_id

    def through(self, last: Stage, generation: int = 0, first: Stage = Stage.DECRYPT) -> History:
        """Finish all stages from ``first`` to ``last`` with one member of the dataset ``subscribers``."""
        for stage in Stage:
            if not stage.precedes(first) and not last.precedes(stage):
                upstream = generation - 1 if stage is first and stage is not Stage.DECRYPT else None
                getattr(self, f"{stage}")(generation, upstream=upstream)
        return self

    def decrypt(
        self,
        generation: int = 0,
        members: tuple[str, ...] = ("Subscribers.csv",),
        skipped: tuple[str, ...] = (),
        upstream: None = None,
    ) -> DecryptManifest:
        """Members under raw/."""
        raw = [self._raw(name, generation) for name in members]
        manifest = DecryptManifest(
            **self._facts(generation, 1, None), formats=("zip",), members=tuple(raw), skipped=skipped
        )
        return self._record(manifest)

    def normalize(
        self,
        generation: int = 0,
        dataset: str = "subscribers",
        recipe_fingerprint: str = "of-the-recipe",
        pepper_version: str | None = None,
        profiles: dict[str, str] | None = None,
        unmatched: tuple[str, ...] = (),
        quarantine_key: str | None = None,
        upstream: int | None = None,
        mode: Literal["append", "snapshot"] = "append",
    ) -> NormalizeManifest:
        """One curated object."""
        partition = {"ingest_date": self.file.landing_date.isoformat()}
        folder = f"{dataset}/ingest_date={partition['ingest_date']}/"
        key = f"{folder}{self.file_id}-Subscribers.csv.parquet"
        if mode == "snapshot":
            partition = {"source": "default"}
            folder = f"{dataset}/source=default/snapshot={self.file_id}/"
            key = f"{folder}Subscribers.csv.parquet"
        stored = self.s3.put("curated", key, b"rows", {GENERATION: str(generation)})
        curated = CuratedObject(
            member="Subscribers.csv",
            dataset=dataset,
            mode=mode,
            recipe=f"{dataset}@1",
            recipe_fingerprint=recipe_fingerprint,
            pepper_version=pepper_version,
            profiles=profiles,
            object=StoredObject(
                bucket="curated", key=key, size=4, etag=stored.etag, version_id=stored.version_id
            ),
            partition=partition,
            location=f"s3://curated/{folder}",
            columns={"status": "string", **dict.fromkeys(profiles or (), "string")},
            rows=ROWS,
            quarantine_key=quarantine_key,
        )
        return self._record(
            NormalizeManifest(**self._facts(generation, 3, upstream), curated=(curated,), unmatched=unmatched)
        )

    def catalog(self, generation: int = 0, upstream: int | None = None) -> CatalogManifest:
        """The table was seen."""
        table = CatalogedTable(
            database="db", table="subscribers", location="s3://curated/subscribers/", columns=1, partition={}
        )
        return self._record(CatalogManifest(**self._facts(generation, 5, upstream), tables=(table,)))

    def archive(self, generation: int = 0, upstream: int | None = None) -> ArchiveManifest:
        """Both originals moved."""
        originals = [("landing", self.file.key, self.file.version_id, LANDED)]
        originals += [
            ("raw", key, versions[-1].version_id, versions[-1].body)
            for (_, key), versions in self.s3.versions.items()
            if f"/{self.file_id}/" in key and key.startswith("raw/") and versions
        ]
        moved = []
        for kind, key, version, body in originals:
            target = archive_key(self.file_id, "landing" if kind == "landing" else "raw", key)
            stored = self.s3.put("ingest", target, body)
            left = self.s3.versions["ingest", key]
            left[:] = [each for each in left if each.version_id != version]
            moved.append(
                ArchivedObject(
                    source_key=key,
                    source_version=version,
                    object=StoredObject(bucket="ingest", key=target, size=len(body), etag=stored.etag),
                )
            )
        return self._record(ArchiveManifest(**self._facts(generation, 7, upstream), archived=tuple(moved)))

    def fail(
        self, stage: Stage, generation: int = 0, attempt: int = 1, code: str = "HEADER_MISMATCH"
    ) -> FileFailed:
        """A stage gave up; what it publishes then."""
        key = failure_key(self.file_id, stage, generation, attempt)
        manifest = FailureManifest(
            stage=stage,
            file=self.file,
            generation=generation,
            attempt=attempt,
            receive_count=1,
            message_id=f"m-{stage}-{attempt}",
            code=code,
            message="columns are missing",
            advice="Export them.",
            failed_at=self._at(9),
        )
        self.s3.put("ingest", key, manifest.model_dump_json().encode())
        return FileFailed(
            file=self.file,
            generation=generation,
            event_id="e",
            failed_stage=stage,
            attempt=attempt,
            code=code,
            manifest_key=key,
        )

    def hold_back(self, generation: int = 0) -> History:
        """A snapshot that the cataloger refused, since it has far fewer rows than the current one."""
        self.decrypt(generation)
        self.normalize(generation, mode="snapshot")
        self.fail(Stage.CATALOG, generation, code="SNAPSHOT_SHRUNK")
        return self

    def open(self, generation: int, from_stage: Stage, *, accepts_shrink: bool = False) -> GenerationOpened:
        """An operator began a generation."""
        opened = GenerationOpened(
            file=self.file,
            generation=generation,
            from_stage=from_stage,
            replay=REPLAY,
            accepts_shrink=accepts_shrink,
            because="they moved" if accepts_shrink else None,
        )
        self.s3.put("ingest", opened_key(self.file_id, generation), opened.model_dump_json().encode())
        return opened

    def keys(self, prefix: str) -> list[str]:
        """What lies under a prefix of the ingest bucket."""
        return sorted(key for bucket, key in self.s3.objects if bucket == "ingest" and key.startswith(prefix))

    def _raw(self, name: str, generation: int) -> RawMember:
        key = raw_key(self.file_id, name)
        stored = self.s3.put("ingest", key, RAW, {GENERATION: str(generation)})
        return RawMember(
            name=name,
            object=StoredObject(
                bucket="ingest",
                key=key,
                size=len(RAW),
                etag=stored.etag,
                sha256=hashlib.sha256(RAW).hexdigest(),
                version_id=stored.version_id,
            ),
        )

    def _facts(self, generation: int, minute: int, upstream: int | None) -> dict[str, Any]:
        return {
            "file": self.file,
            "generation": generation,
            "replay": REPLAY if generation else None,
            "fingerprint": "f",
            "attempt": 1,
            "upstream_generation": upstream,
            "started_at": self._at(minute),
            "finished_at": self._at(minute + 1),
        }

    def _at(self, minute: int) -> datetime:
        return self.file.landed_at + timedelta(minutes=minute)

    def _record(self, manifest: M) -> M:
        key = manifest_key(self.file_id, manifest.stage, manifest.generation)
        self.s3.put("ingest", key, manifest.model_dump_json().encode())
        return manifest
