"""A file's whole story, read from its manifests and told as an outcome."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from shared.commit import now
from shared.errors import (
    FileNotRecorded,
    GenerationNotOpened,
    MessageContradicted,
    UnreadableMessage,
    WrongBucket,
)
from shared.events import MessageRejected, derived_id
from shared.identity import trace_id
from shared.lineage import lineage
from shared.manifests import (
    ArchiveManifest,
    CatalogManifest,
    CuratedObject,
    FailureManifest,
    Manifest,
    NormalizeManifest,
    Notice,
    RowCounts,
    member_counts,
)
from shared.objects.store import ObjectStore
from shared.outcomes import (
    DatasetOutcome,
    FailureOutcome,
    RejectionOutcome,
    SuccessOutcome,
    replay_command,
)

# SNS takes 256 KB; the manifests hold everything.
_MOST = 100
_NOTICE_CHARS = 500
_REJECTIONS = {
    each.code: each
    for each in (UnreadableMessage, WrongBucket, MessageContradicted, GenerationNotOpened, FileNotRecorded)
}
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9-]{1,128}")


@dataclass(frozen=True, slots=True)
class Storyteller:
    """Turns manifests into outcomes."""

    store: ObjectStore

    async def success(self, archived: ArchiveManifest) -> SuccessOutcome:
        """The outcome of a file that went all the way."""
        file, generation = archived.file, archived.generation
        stages = await lineage(self.store, archived)
        warnings = [notice for each in stages for notice in each.warnings]
        begun = file.landed_at if archived.replay is None else archived.replay.requested_at
        return SuccessOutcome(
            outcome_id=derived_id("outcome", file.file_id, generation, "succeeded"),
            file_id=file.file_id,
            file=file,
            generation=generation,
            replay=archived.replay,
            trace_id=trace_id(file.file_id, generation),
            announced_at=now(),
            datasets=_datasets(stages),
            members=member_counts(stages),
            archived=_addresses(archived)[:_MOST],
            archived_objects=len(archived.archived),
            warnings=tuple(map(_short, warnings[:_MOST])),
            warnings_in_all=len(warnings),
            stage_seconds={each.stage.value: _seconds(each) for each in stages},
            landing_to_outcome_seconds=round((archived.finished_at - begun).total_seconds(), 3),
        )

    def failure(self, manifest: FailureManifest) -> FailureOutcome:
        """The outcome of a file that a stage gave up on."""
        file_id, generation = manifest.file.file_id, manifest.generation
        return FailureOutcome(
            outcome_id=derived_id("outcome", file_id, generation, "failed", manifest.stage),
            file_id=file_id,
            file=manifest.file,
            generation=generation,
            replay=manifest.replay,
            trace_id=trace_id(file_id, generation),
            announced_at=now(),
            stage=manifest.stage,
            attempt=manifest.attempt,
            code=manifest.code,
            message=manifest.message,
            advice=manifest.advice,
            replay_command=replay_command(file_id, manifest.code),
        )

    def rejection(self, event: MessageRejected) -> RejectionOutcome:
        """The outcome of a message that named no file.

        Every service may publish such an event, so nothing of its text is announced: its code decides.
        """
        code = event.code if _CODE.fullmatch(event.code) else "UNKNOWN"
        cause = _REJECTIONS.get(code)
        explanation = (
            cause.explanation if cause else "a message was rejected for a cause unknown to this version"
        )
        message_id = event.message_id if _MESSAGE_ID.fullmatch(event.message_id) else "unknown"
        return RejectionOutcome(
            outcome_id=derived_id("outcome", "rejected", event.event_id),
            stage=event.stage,
            message_id=message_id,
            code=code,
            message=f"{explanation}; `landfall dlq show {message_id}` shows the reason",
            advice=cause.advice if cause else "See the dead letter and the log of the stage.",
            records=event.records,
            replay_command=replay_command(message_id, code),
            announced_at=now(),
        )


def _datasets(stages: Sequence[Manifest]) -> tuple[DatasetOutcome, ...]:
    by_dataset: dict[str, list[CuratedObject]] = defaultdict(list)
    database = ""
    for manifest in stages:
        if isinstance(manifest, NormalizeManifest):
            for each in manifest.curated:
                by_dataset[each.dataset].append(each)
        if isinstance(manifest, CatalogManifest) and manifest.tables:
            database = f"{manifest.tables[0].database}."
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


def _addresses(archived: ArchiveManifest) -> tuple[str, ...]:
    return tuple(f"s3://{each.object.bucket}/{each.object.key}" for each in archived.archived)


def _short(notice: Notice) -> Notice:
    return notice.model_copy(update={"message": notice.message[:_NOTICE_CHARS]})


def _seconds(manifest: Manifest) -> float:
    return round((manifest.finished_at - manifest.started_at).total_seconds(), 3)
