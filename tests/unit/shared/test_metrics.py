"""What the log tells CloudWatch: valid embedded metrics, whose number stays bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator
from structlog.testing import capture_logs

from shared.commit import Committer
from shared.events import FileArchived, FileNormalized
from shared.logs import about
from shared.manifests import Manifest, NormalizeManifest
from shared.metrics import Metric, embedded, failed, measures, retried, stage_succeeded, swept
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.histories import History

# As CloudWatch publishes it, with its limits.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
SPECIFICATION = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "properties": {
                            "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "maxItems": 30,
                                    "items": {"type": "string", "minLength": 1, "maxLength": 250},
                                },
                            },
                            "Metrics": {
                                "type": "array",
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "properties": {
                                        "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
                                        "Unit": {"enum": ["Seconds", "Bytes", "Count"]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}


def history() -> History:
    return History(InMemoryS3())


def told(manifest: Manifest) -> dict[str, Any]:
    with capture_logs() as lines:
        stage_succeeded(manifest)
    (line,) = lines
    return dict(line)


def manifests() -> list[Manifest]:
    file = history()
    return [file.decrypt(), file.normalize(), file.catalog(), file.archive()]


@pytest.mark.parametrize("manifest", manifests(), ids=lambda manifest: str(manifest.stage))
def test_every_stage_tells_valid_embedded_metrics(manifest: Manifest) -> None:
    line = json.loads(json.dumps(told(manifest)))
    Draft7Validator(SPECIFICATION).validate(line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert all(isinstance(line[each["Name"]], int | float) for each in directive["Metrics"])
    assert all(isinstance(line[name], str) for names in directive["Dimensions"] for name in names)


@pytest.mark.parametrize("manifest", manifests(), ids=lambda manifest: str(manifest.stage))
def test_every_stage_counts_the_file_its_seconds_and_how_often_it_was_received(manifest: Manifest) -> None:
    values = measures(manifest)
    assert (values[Metric.FILES], values[Metric.STAGE_SECONDS], values[Metric.RECEIVES]) == (1, 60, 1)


def test_only_stages_and_error_codes_are_dimensions_of_what_services_tell() -> None:
    lines = [embedded(Stage.DECRYPT, {}, {}), embedded(Stage.DECRYPT, {"code": "X"}, {})]
    sets = [line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for line in lines]
    assert sets == [[["stage"]], [["stage"], ["stage", "code"]]]


def test_rows_are_told_by_what_became_of_them() -> None:
    line = told(history().normalize())
    assert (line["RowsIn"], line["RowsOut"], line["RowsRejected"]) == (5, 4, 1)


def test_landing_to_outcome_is_told_of_files_that_nobody_had_to_replay() -> None:
    first, replayed = history().archive(), history().archive(generation=1)
    assert Metric.LANDING_TO_OUTCOME_SECONDS in measures(first)
    assert Metric.LANDING_TO_OUTCOME_SECONDS not in measures(replayed)


def test_failures_and_retries_are_counted_by_code() -> None:
    with capture_logs() as lines:
        failed(Stage.NORMALIZE, "NO_RECIPE")
        retried(Stage.CATALOG, "CRAWL_FAILED")
    assert [(line["stage"], line["code"]) for line in lines] == [
        ("normalize", "NO_RECIPE"),
        ("catalog", "CRAWL_FAILED"),
    ]
    assert [line.get("Failures", line.get("Retries")) for line in lines] == [1, 1]


def test_a_sweep_tells_valid_embedded_metrics_of_every_stage_and_of_the_deployment() -> None:
    with capture_logs() as lines:
        swept("house", {Stage.CATALOG: 7200.5}, stalled=2, overdue=1)
    for line in lines:
        Draft7Validator(SPECIFICATION).validate(json.loads(json.dumps(line)))
    *by_stage, whole = lines
    assert [(line["stage"], line["OldestFileSeconds"]) for line in by_stage] == [
        ("decrypt", 0.0),
        ("normalize", 0.0),
        ("catalog", 7200.5),
        ("archive", 0.0),
    ]
    assert (whole["StalledFiles"], whole["OverdueFolders"], whole["Sweeps"]) == (2, 1, 1)
    sets = {tuple(names) for line in lines for names in line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]}
    assert sets == {("deployment", "stage"), ("deployment",)}


async def test_a_commit_is_told_once_however_often_its_message_comes() -> None:
    file = history().through(Stage.DECRYPT)
    made = file.normalize()
    await file.s3.delete_object(Bucket="ingest", Key=file.keys("manifests/")[1])
    committer = Committer(file.s3.store(), InMemoryEvents().bus(), NormalizeManifest, FileNormalized)

    async def work() -> NormalizeManifest:
        return made

    with capture_logs() as lines:
        await committer.run(file.file, 0, work)
        await committer.run(file.file, 0, work)
    assert [line["event"] for line in lines if "_aws" in line] == ["stage_succeeded"]


def test_the_trace_is_the_same_in_lines_and_events_and_differs_by_run() -> None:
    file = history().file
    event = FileArchived(file=file, generation=1, event_id="e", manifest_key="k")
    assert about(file, 1)["trace_id"] == event.trace_id
    assert about(file, 0)["trace_id"] != event.trace_id
    assert len(event.trace_id) == 32
