"""The emulator of AWS, which lives in an environment of its own because it pins the AWS SDK."""

from __future__ import annotations

from pathlib import Path

from landfall.errors import OperatorError
from landfall.local.checkout import CHECKOUT
from landfall.local.ports import LOOPBACK
from landfall.local.processes import Process
from landfall.local.reach import environment_without_aws

EXECUTABLE = CHECKOUT / ".tools" / "emulator" / "bin" / "ministack"
READY_PATH = "/_ministack/ready"


def start(port: int, logs: Path, executable: Path = EXECUTABLE) -> Process:
    """Start the emulator on loopback; it forgets everything when it ends.

    Raises:
        OperatorError: its environment has not been made yet.
    """
    if not executable.exists():
        raise OperatorError(
            f"The emulator is not installed ({executable} is missing): run `make setup` first."
        )
    environment = environment_without_aws() | {
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": LOOPBACK,  # the queue URLs it hands out begin with this
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }
    # Its environment is its own: compiled once, it answers its first CloudFormation call two seconds sooner.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return Process.start("emulator", [str(executable)], environment, logs / "emulator.log")
