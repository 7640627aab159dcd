"""What holds for every template."""

from __future__ import annotations

import pytest

from landfall.deployment import STACKS
from shared.stages import Stage
from tests.unit.local.templates.reading import template

STAGES = [stage.value.capitalize() for stage in Stage]


@pytest.mark.parametrize("stack", STACKS)
def test_everything_that_people_set_or_read_is_described(stack: str) -> None:
    loaded = template(stack)
    described = [*loaded["Parameters"].values(), *loaded["Outputs"].values(), loaded]
    assert all(each["Description"] for each in described)


@pytest.mark.parametrize("stack", STACKS)
def test_the_prefix_means_the_same_in_every_stack(stack: str) -> None:
    assert template(stack)["Parameters"]["Prefix"] == template("messaging")["Parameters"]["Prefix"]


@pytest.mark.parametrize("parameter", ["EncryptionPurpose", "KmsKeyArns"])
def test_what_is_set_for_the_decryptor_is_set_for_its_role(parameter: str) -> None:
    of_role, of_service = (template(stack)["Parameters"][parameter] for stack in ("roles", "services"))
    assert {**of_role, "Description": ""} == {**of_service, "Description": ""}


@pytest.mark.parametrize("stack", ["catalog", "schedule", "clean-rooms"])
def test_the_key_of_the_catalog_is_the_same_for_all_who_work_with_it(stack: str) -> None:
    assert template(stack)["Parameters"]["CatalogKeyArn"] == template("roles")["Parameters"]["CatalogKeyArn"]


@pytest.mark.parametrize(
    ("stack", "outputs"),
    [
        ("storage", {"IngestBucket", "CuratedBucket", "BucketKeyArn", "LandingKeyArn"}),
        (
            "messaging",
            {"EventBus", "SuccessTopicArn", "ErrorTopicArn"}
            | {f"{stage}{kind}" for stage in STAGES for kind in ("QueueUrl", "DeadLetterQueueUrl")},
        ),
        ("catalog", {"Database", "Crawler"}),
    ],
)
def test_outputs_have_the_names_that_the_command_line_reads(stack: str, outputs: set[str]) -> None:
    assert set(template(stack)["Outputs"]) == outputs
