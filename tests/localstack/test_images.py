"""What is in an image, looked at from inside its running container."""

from __future__ import annotations

import json
import re

import pytest

from landfall.deployment import SERVICES
from landfall.local.checkout import CHECKOUT
from tests.localstack.conftest import Compose

each_service = pytest.mark.parametrize("service", SERVICES)


# Programs that run inside the container; each prints JSON.
IDENTITY = "print([os.getuid(), os.getgid()])"
FIRST_PROCESS = "print(json.dumps(open('/proc/1/cmdline').read().split(chr(0))[:3]))"
PACKAGES = """
found = importlib.metadata.distributions(path=site.getsitepackages()[:1])
print(json.dumps([each.name for each in found]))
"""
SERVICES_THERE = (
    "print(json.dumps([each.parent.name for each in pathlib.Path('services').glob('*/__main__.py')]))"
)
UNCOMPILED = """
code = [each for top in ("/app", site.getsitepackages()[0]) for each in pathlib.Path(top).rglob("*.py")]
compiled = importlib.util.cache_from_source
print(json.dumps([str(each) for each in code if not os.path.exists(compiled(str(each)))]))
"""
GPG = "print(json.dumps(shutil.which('gpg')))"
_IMPORTS = "import importlib.metadata, importlib.util, json, os, pathlib, shutil, site\n"


def told(compose: Compose, service: str, program: str) -> object:
    """What a program prints inside the container."""
    return json.loads(compose.engine.run_in(service, "python", "-c", _IMPORTS + program))


@each_service
def test_a_service_runs_as_nobody_on_a_read_only_file_system(compose: Compose, service: str) -> None:
    assert compose.engine.inspect(service, "{{.Config.User}}") == "10001:10001"
    assert compose.engine.inspect(service, "{{.HostConfig.ReadonlyRootfs}}") == "true"
    assert told(compose, service, IDENTITY) == [10001, 10001]


@each_service
def test_python_is_process_1_and_receives_signals_itself(compose: Compose, service: str) -> None:
    assert told(compose, service, FIRST_PROCESS) == ["python", "-m", f"services.{service}"]


@each_service
def test_nothing_that_the_engine_starts_needs_a_shell(compose: Compose, service: str) -> None:
    """In the form of a list; the form of a string would go through /bin/sh."""
    assert json.loads(compose.engine.inspect(service, "{{json .Config.Cmd}}"))[0] == "python"
    check = json.loads(compose.engine.inspect(service, "{{json .Config.Healthcheck.Test}}"))
    assert check[:2] == ["CMD", "python"]


@each_service
def test_an_image_holds_the_packages_of_its_service_and_no_others(compose: Compose, service: str) -> None:
    requirements = (CHECKOUT / f"requirements/{service}.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==", requirements, re.MULTILINE)
    installed = told(compose, service, PACKAGES)
    assert isinstance(installed, list)
    assert sorted(map(_plain, installed)) == sorted(map(_plain, pinned))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@each_service
def test_an_image_holds_the_code_of_its_service_and_no_other(compose: Compose, service: str) -> None:
    assert told(compose, service, SERVICES_THERE) == [service]


@each_service
def test_all_python_is_compiled(compose: Compose, service: str) -> None:
    """The file system is read-only: what is not compiled would be compiled again at every start."""
    assert told(compose, service, UNCOMPILED) == []


@each_service
def test_gpg_is_in_the_decryptor_alone(compose: Compose, service: str) -> None:
    assert (told(compose, service, GPG) is not None) == (service == "decryptor")


@each_service
def test_an_image_says_what_it_is(compose: Compose, service: str) -> None:
    labels = json.loads(compose.engine.inspect(service, "{{json .Config.Labels}}"))
    assert labels["org.opencontainers.image.title"] == f"landfall-{service}"
    kept = {"description", "licenses", "version", "revision"}
    assert {f"org.opencontainers.image.{each}" for each in kept} <= set(labels)


@each_service
def test_a_service_may_use_so_much_memory_and_no_more(compose: Compose, service: str) -> None:
    assert int(compose.engine.inspect(service, "{{.HostConfig.Memory}}")) == 1 << 30
