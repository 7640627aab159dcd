"""Numbers for CloudWatch, told in the log itself by its embedded metric format: no agent, no extra call.

CloudWatch makes metrics of every log line that has an ``_aws`` member as below, by itself. Only names of
stages, error codes and the deployment are dimensions: the number of metrics, which is what CloudWatch bills,
stays bounded. What alarms watch has the deployment as a dimension, or two of an account would hide each
other's silence.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from shared.logs import get_logger
from shared.manifests import ArchiveManifest, CatalogManifest, DecryptManifest, Manifest, NormalizeManifest
from shared.stages import Stage

NAMESPACE = "Landfall"

log = get_logger()


class Metric(StrEnum):
    """Every metric by its name in CloudWatch.

    Those of the services have the dimension ``stage``, those of the sweep what ``SWEEP_METRICS`` says.
    """

    FILES = "Files"
    STAGE_SECONDS = "StageSeconds"
    RECEIVES = "Receives"
    BYTES_IN = "BytesIn"
    BYTES_OUT = "BytesOut"
    ROWS_IN = "RowsIn"
    ROWS_OUT = "RowsOut"
    ROWS_REJECTED = "RowsRejected"
    CRAWL_WAIT_SECONDS = "CrawlWaitSeconds"
    LANDING_TO_OUTCOME_SECONDS = "LandingToOutcomeSeconds"
    RETRIES = "Retries"
    FAILURES = "Failures"
    OLDEST_FILE_SECONDS = "OldestFileSeconds"
    STALLED_FILES = "StalledFiles"
    OVERDUE_FOLDERS = "OverdueFolders"
    SWEEPS = "Sweeps"


SWEEP_METRICS: Mapping[Metric, tuple[str, ...]] = {
    Metric.OLDEST_FILE_SECONDS: ("deployment", "stage"),
    Metric.STALLED_FILES: ("deployment",),
    Metric.OVERDUE_FOLDERS: ("deployment",),
    Metric.SWEEPS: ("deployment",),
}
"""The metrics of the sweep, which the alarms watch, by their dimensions."""

_UNITS = {
    Metric.STAGE_SECONDS: "Seconds",
    Metric.BYTES_IN: "Bytes",
    Metric.BYTES_OUT: "Bytes",
    Metric.CRAWL_WAIT_SECONDS: "Seconds",
    Metric.LANDING_TO_OUTCOME_SECONDS: "Seconds",
    Metric.OLDEST_FILE_SECONDS: "Seconds",
}


def stage_succeeded(manifest: Manifest) -> None:
    """Tell what a stage did to a file, once, when its manifest has been put."""
    log.info("stage_succeeded", **embedded(manifest.stage, {}, measures(manifest)))


def retried(stage: Stage, code: str) -> None:
    """Tell that a message goes back to its queue."""
    log.info("stage_retried", **embedded(stage, {"code": code}, {Metric.RETRIES: 1}))


def failed(stage: Stage, code: str) -> None:
    """Tell that a stage gave up on a file or a message."""
    log.info("stage_failed", **embedded(stage, {"code": code}, {Metric.FAILURES: 1}))


def swept(deployment: str, oldest: Mapping[Stage, float], stalled: int, overdue: int) -> None:
    """Report what a sweep saw, at its end: a sweep that broke off reports nothing, and silence is an alarm.

    Args:
        deployment: Its prefix.
        oldest: Seconds since the oldest file in flight landed, by the stage that has it. Stages without a
            file are reported as 0, so that their alarms end.
        stalled: Files that make no progress.
        overdue: Landing folders whose next file is overdue.
    """
    for stage in Stage:
        values = {Metric.OLDEST_FILE_SECONDS: oldest.get(stage, 0.0)}
        log.info("stage_swept", **_carrier({"deployment": deployment, "stage": stage.value}, values))
    counts = {
        Metric.STALLED_FILES: float(stalled),
        Metric.OVERDUE_FOLDERS: float(overdue),
        Metric.SWEEPS: 1.0,
    }
    log.info("swept", **_carrier({"deployment": deployment}, counts))


def measures(manifest: Manifest) -> dict[Metric, float]:
    """What a success manifest says in numbers."""
    seconds = (manifest.finished_at - manifest.started_at).total_seconds()
    common = {Metric.FILES: 1.0, Metric.STAGE_SECONDS: seconds, Metric.RECEIVES: float(manifest.attempt)}
    match manifest:
        case DecryptManifest():
            unpacked = sum(member.object.size for member in manifest.members)
            return {**common, Metric.BYTES_IN: manifest.file.size, Metric.BYTES_OUT: unpacked}
        case NormalizeManifest():
            rows = [each.rows for each in manifest.curated]
            return {
                **common,
                Metric.BYTES_OUT: sum(each.object.size for each in manifest.curated),
                Metric.ROWS_IN: sum(each.rows_in for each in rows),
                Metric.ROWS_OUT: sum(each.rows_out for each in rows),
                Metric.ROWS_REJECTED: sum(each.rejected for each in rows),
            }
        case CatalogManifest(crawl=crawl) if crawl is not None:
            return {**common, Metric.CRAWL_WAIT_SECONDS: seconds}
        case ArchiveManifest():
            archived = {**common, Metric.BYTES_OUT: sum(each.object.size for each in manifest.archived)}
            if manifest.replay is not None:  # its file may have landed long ago
                return archived
            whole = (manifest.finished_at - manifest.file.landed_at).total_seconds()
            return {**archived, Metric.LANDING_TO_OUTCOME_SECONDS: whole}
        case _:
            return common


def embedded(stage: Stage, details: Mapping[str, str], values: Mapping[Metric, float]) -> dict[str, Any]:
    """The members that make a log line a carrier of metrics.

    Args:
        stage: Dimension of every metric.
        details: Further dimensions, by name; each metric is counted by stage alone as well.
        values: The metrics.
    """
    sets = [["stage"], ["stage", *details]] if details else [["stage"]]
    return _carrier({"stage": stage.value, **details}, values, sets)


def _carrier(
    dimensions: Mapping[str, str], values: Mapping[Metric, float], sets: list[list[str]] | None = None
) -> dict[str, Any]:
    """Values under some dimensions: under all of them together, unless other sets of them are given."""
    defined = [{"Name": name.value, "Unit": _UNITS.get(name, "Count")} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": sets or [[*dimensions]], "Metrics": defined}
    return {
        "_aws": {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]},
        **dimensions,
        **{name.value: value for name, value in values.items()},
    }
