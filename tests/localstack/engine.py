"""Docker Compose or podman-compose, whichever is there: one service of the compose file at a time.

podman-compose passes over health-checked start order, so whoever uses this waits for each service itself.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from landfall.local.checkout import CHECKOUT

COMPOSE_FILE = CHECKOUT / "docker-compose.localstack.yml"


@dataclass(frozen=True, slots=True)
class Engine:
    """A compose project; ``environment`` is that of every command."""

    compose: tuple[str, ...]
    runtime: str
    project: str
    environment: Mapping[str, str]

    @classmethod
    def find(cls, project: str, environment: Mapping[str, str]) -> Engine | None:
        """What this machine has, None if nothing."""
        if shutil.which("docker"):
            told = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
            if told.returncode == 0:
                return cls(("docker", "compose"), "docker", project, environment)
        if shutil.which("podman") and shutil.which("podman-compose"):
            return cls(("podman-compose",), "podman", project, environment)
        return None

    def build(self, *services: str) -> None:
        """Build the images of these services, one at a time: each takes up what the one before has built."""
        keeps_health_checks = ["--podman-build-args=--format docker"] if self.runtime == "podman" else []
        for service in services:
            self._run(*self._composing(*keeps_health_checks), "build", service)

    def create(self, *services: str) -> None:
        """Create and start services without what they depend on; images must be there."""
        for service in services:
            self._run(*self._composing(), "up", "--detach", "--no-deps", "--no-build", service)

    def down(self) -> None:
        """Remove containers, network and volume."""
        self._run(*self._composing(), "down", "--volumes")

    def container(self, service: str) -> str:
        """The id of a service's one container, running or not."""
        labels = {"com.docker.compose.project": self.project, "com.docker.compose.service": service}
        filters = [f"--filter=label={name}={value}" for name, value in labels.items()]
        (found,) = self._run(self.runtime, "ps", "--all", "--quiet", *filters).split()
        return found

    def kill(self, service: str) -> None:
        """SIGKILL, which nothing can prepare for."""
        self._run(self.runtime, "kill", self.container(service))

    def stop(self, service: str, seconds: int = 120) -> int:
        """SIGTERM, as a deployment does; the exit code."""
        container = self.container(service)
        self._run(self.runtime, "stop", "--time", str(seconds), container)
        return self.exit_code(service)

    def start(self, service: str) -> None:
        """Start a container that was stopped or killed."""
        self._run(self.runtime, "start", self.container(service))

    def exit_code(self, service: str) -> int:
        """Wait until the container has ended; its exit code."""
        return int(self._run(self.runtime, "wait", self.container(service)).split()[-1])

    def healthy(self, service: str) -> bool:
        """Whether the service's own health check succeeds inside its container."""
        check = ["python", "-m", "shared.worker.health"]
        command = [self.runtime, "exec", self.container(service), *check]
        return subprocess.run(command, capture_output=True, check=False, env=self.environment).returncode == 0

    def run_in(self, service: str, *command: str) -> str:
        """What a command prints inside the service's running container."""
        return self._run(self.runtime, "exec", self.container(service), *command)

    def logs(self, service: str) -> str:
        """Everything that the container has written."""
        return self._run(self.runtime, "logs", self.container(service))

    def inspect(self, service: str, template: str) -> str:
        """One fact about the container, by a Go template."""
        return self._run(self.runtime, "inspect", "--format", template, self.container(service)).strip()

    def size(self, image: str) -> int:
        """Bytes of an image."""
        return int(self._run(self.runtime, "image", "inspect", "--format", "{{.Size}}", image))

    def _composing(self, *options: str) -> tuple[str, ...]:
        return (*self.compose, *options, "-f", str(COMPOSE_FILE), "-p", self.project)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=self.environment, cwd=Path(CHECKOUT)
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout
