"""KMS as the emulator plays it."""

from __future__ import annotations

from dataclasses import dataclass

import botocore.session
import pytest
from botocore.session import Session

from landfall.local.stack import LocalStack
from tests.stack import Clients


@dataclass(frozen=True, slots=True)
class Kms:
    """Two new KMS keys, reached as the environment says."""

    key_arn: str
    other_key_arn: str

    def session(self) -> Session:
        """A session that is set up by the environment, as everybody's."""
        return botocore.session.get_session()


@pytest.fixture
def kms(stack_environment: LocalStack, clients: Clients) -> Kms:
    """Keys of this test's own."""
    return Kms(*(clients.kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)))
