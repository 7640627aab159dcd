"""A file's whole story, read from its manifests and told as an outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.commit import now, read_manifest
from shared.events import FileFailed, MessageRejected, derived_id
from shared.manifests import (
    ArchiveManifest,
    CatalogManifest,
    CuratedObject,
    DecryptManifest,
    FailureManifest,
    Manifest,
    NormalizeManifest,
    Notice,
    RowCounts,
)
from shared.objects.store import ObjectStore
from shared.outcomes import DatasetOutcome, FailureOutcome, RejectionOutcome, SuccessOutcome

_MOST_WARNINGS = 100  # SNS takes 256 KB; the manifests hold every one


@dataclass(frozen=True, slots=True)
class Storyteller:
    """Turns manifests into outcomes."""

    store: ObjectStore

    async def success(self, archived: ArchiveManifest) -> SuccessOutcome:
        """The outcome of a file that went all the way."""
        file, generation = archived.file, archived.generation
        decrypted = await read_manifest(self.store, file, DecryptManifest, generation)
        normalized = await read_manifest(self.store, file, NormalizeManifest, generation)
        cataloged = await read_manifest(self.store, file, CatalogManifest, generation)
        stages = [each for each in (decrypted, normalized, cataloged, archived) if each is not None]
        announced = now()
        return SuccessOutcome(
            outcome_id=derived_id("outcome", file.file_id, generation, "succeeded"),
            file_id=file.file_id,
            file=file,
            generation=generation,
            announced_at=announced,
            datasets=_datasets(normalized.curated if normalized else (), cataloged),
            archived=tuple(f"s3://{each.object.bucket}/{each.object.key}" for each in archived.archived),
            warnings=_warnings(stages),
            stage_seconds={each.stage.value: _seconds(each) for each in stages},
            landing_to_outcome_seconds=round((announced - file.landed_at).total_seconds(), 3),
        )

    def failure(self, event: FileFailed, manifest: FailureManifest) -> FailureOutcome:
        """The outcome of a file that a stage gave up on."""
        file_id = event.file.file_id
        return FailureOutcome(
            outcome_id=derived_id(
                "outcome", file_id, event.generation, "failed", event.failed_stage, event.attempt
            ),
            file_id=file_id,
            file=event.file,
            generation=event.generation,
            announced_at=now(),
            stage=event.failed_stage,
            code=manifest.code,
            message=manifest.message,
            advice=manifest.advice,
            replay_command=f"landfall dlq replay {file_id}",
        )

    def rejection(self, event: MessageRejected) -> RejectionOutcome:
        """The outcome of a message that named no file."""
        return RejectionOutcome(
            outcome_id=derived_id("outcome", "rejected", event.event_id),
            stage=event.stage,
            message_id=event.message_id,
            code=event.code,
            message=event.message,
            advice=event.advice,
            announced_at=now(),
        )


def _datasets(
    curated: Iterable[CuratedObject], cataloged: CatalogManifest | None
) -> tuple[DatasetOutcome, ...]:
    database = cataloged.tables[0].database + "." if cataloged and cataloged.tables else ""
    by_dataset: dict[str, list[CuratedObject]] = defaultdict(list)
    for each in curated:
        by_dataset[each.dataset].append(each)
    return tuple(
        DatasetOutcome(
            dataset=dataset,
            table=database + dataset,
            members=len(objects),
            rows=_total([each.rows for each in objects]),
            partitions=_distinct([each.partition for each in objects]),
        )
        for dataset, objects in sorted(by_dataset.items())
    )


def _total(rows: list[RowCounts]) -> RowCounts:
    return RowCounts(**{name: sum(getattr(each, name) for each in rows) for name in RowCounts.model_fields})


def _distinct(partitions: list[dict[str, str]]) -> tuple[dict[str, str], ...]:
    return tuple(dict(items) for items in sorted({tuple(each.items()) for each in partitions}))


def _warnings(stages: Sequence[Manifest]) -> tuple[Notice, ...]:
    notices = [notice for each in stages for notice in each.warnings]
    return tuple(notices[:_MOST_WARNINGS])


def _seconds(manifest: Manifest) -> float:
    return round((manifest.finished_at - manifest.started_at).total_seconds(), 3)
