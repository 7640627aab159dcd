"""Task definitions, services and their scaling."""

from __future__ import annotations

import pytest

from landfall.deployment import SERVICES
from landfall.local.checkout import CHECKOUT
from services.archiver.settings import ArchiverSettings
from services.cataloger.settings import CatalogerSettings
from services.decryptor.settings import DecryptorSettings
from services.normalizer.settings import NormalizerSettings
from shared.settings import WorkerSettings
from shared.worker.liveness import LIVENESS_FILE
from tests.unit.local.templates.reading import Resource, template

RESOURCES = template("services")["Resources"]
SETTINGS: dict[str, type[WorkerSettings]] = {
    "decryptor": DecryptorSettings,
    "normalizer": NormalizerSettings,
    "cataloger": CatalogerSettings,
    "archiver": ArchiverSettings,
}
SCALING = [service for service in SERVICES if service != "cataloger"]

each_service = pytest.mark.parametrize("service", SERVICES)
each_scaling = pytest.mark.parametrize("service", SCALING)


def resource(service: str, kind: str) -> Resource:
    properties: Resource = RESOURCES[f"{service.capitalize()}{kind}"]["Properties"]
    return properties


def container(service: str) -> Resource:
    (only,) = resource(service, "Task")["ContainerDefinitions"]
    return dict(only)


@each_service
def test_a_service_is_told_what_it_needs_and_nothing_it_does_not_know(service: str) -> None:
    told = {each["Name"].removeprefix("LANDFALL_").lower() for each in container(service)["Environment"]}
    fields = SETTINGS[service].model_fields
    assert {name for name, field in fields.items() if field.is_required()} <= told <= set(fields)


@each_service
def test_a_service_has_a_role_of_its_own(service: str) -> None:
    assert resource(service, "Task")["TaskRoleArn"] == {
        "Fn::ImportValue": {"Fn::Sub": f"${{Prefix}}-{service.capitalize()}RoleArn"}
    }


@each_service
def test_a_task_runs_as_nobody_on_a_read_only_file_system(service: str) -> None:
    defined = container(service)
    assert defined["User"] == "10001:10001"
    assert defined["ReadonlyRootFilesystem"] is True
    assert defined["LinuxParameters"] == {"Capabilities": {"Drop": ["ALL"]}}


@each_service
def test_a_task_has_two_minutes_to_stop_which_is_more_than_a_service_takes(service: str) -> None:
    grace = WorkerSettings.model_fields["shutdown_grace_seconds"].default
    assert grace < container(service)["StopTimeout"] == 120


@each_service
def test_a_task_shows_life_by_the_health_check_of_its_image(service: str) -> None:
    assert container(service)["HealthCheck"]["Command"] == ["CMD", "python", "-m", "shared.worker.health"]
    assert f"{LIVENESS_FILE}=/dev/shm/" in (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")


@each_service
def test_a_deployment_that_fails_is_rolled_back(service: str) -> None:
    deployment = resource(service, "Service")["DeploymentConfiguration"]
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert deployment["MinimumHealthyPercent"] == 100


@each_scaling
def test_scaling_counts_files_in_work(service: str) -> None:
    policy = resource(service, "FollowsBacklog")["TargetTrackingScalingPolicyConfiguration"]
    metrics = {each["Id"]: each for each in policy["CustomizedMetricSpecification"]["Metrics"]}
    sources = [metrics[name]["MetricStat"]["Metric"] for name in ("waiting", "inwork")]
    counted = {source["MetricName"]: source["Dimensions"] for source in sources}
    queue = [{"Name": "QueueName", "Value": {"Fn::Sub": f"${{Prefix}}-{SERVICES[service]}"}}]
    assert counted == {
        "ApproximateNumberOfMessagesVisible": queue,
        "ApproximateNumberOfMessagesNotVisible": queue,
    }
    assert metrics["backlogpertask"]["Expression"].startswith("(waiting + inwork) / ")


@each_scaling
def test_tasks_that_ecs_has_not_reported_yet_still_count(service: str) -> None:
    """A minute whose report is late would look like a minute without tasks, and start more."""
    policy = resource(service, "FollowsBacklog")["TargetTrackingScalingPolicyConfiguration"]
    metrics = {each["Id"]: each for each in policy["CustomizedMetricSpecification"]["Metrics"]}
    assert metrics["known"]["Expression"] == "FILL(FILL(tasks, REPEAT), 0)"
    assert "tasks" not in metrics["backlogpertask"]["Expression"]


def test_the_cataloger_whose_waits_are_no_load_does_not_scale() -> None:
    assert "CatalogerScaling" not in RESOURCES
    assert resource("cataloger", "Service")["DesiredCount"] == 1


@each_scaling
def test_a_service_that_rests_at_nothing_is_woken_by_its_queue(service: str) -> None:
    alarm = RESOURCES[f"{service.capitalize()}HasWork"]
    assert alarm["Condition"] == RESOURCES[f"{service.capitalize()}Wakes"]["Condition"] == "RestsAtNothing"
    assert alarm["Properties"]["AlarmActions"] == [{"Ref": f"{service.capitalize()}Wakes"}]
