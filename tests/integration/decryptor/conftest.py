"""KMS as the emulator plays it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import botocore.session
import pytest
from botocore.session import Session

from landfall.local import emulator
from landfall.local.ports import claim
from landfall.local.reach import Reach
from landfall.local.readiness import await_http


@dataclass(frozen=True, slots=True)
class Kms:
    """A KMS key and what reaches it."""

    reach: Reach
    key_arn: str
    other_key_arn: str

    def session(self) -> Session:
        """A session that is set up by the environment, as everybody's."""
        return botocore.session.get_session()


@pytest.fixture(scope="session")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reach]:
    """An emulator of this test run's own."""
    port = claim(0)
    logs: Path = tmp_path_factory.mktemp("emulator")
    process = emulator.start(port, logs)
    try:
        await_http(process, port, emulator.READY_PATH, within=30)
        yield Reach(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}")
    finally:
        process.ask_to_end()
        process.await_end(10)


@pytest.fixture
def kms(emulated: Reach, monkeypatch: pytest.MonkeyPatch) -> Kms:
    """Two new keys, in an environment that leads to them."""
    for name, value in emulated.environment().items():
        monkeypatch.setenv(name, value)
    client = boto3.client("kms")
    arns = [client.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    return Kms(emulated, *arns)
