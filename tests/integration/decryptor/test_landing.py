"""Landing a file of any size."""

from __future__ import annotations

import io
import uuid

import pytest

from landfall import landing
from landfall.landing import Sealed, land
from landfall.local.stack import LocalStack
from landfall.target import Target
from tests.stack import Clients

CONTENT = b"SubscriberKey\n" + b"1234567\n" * (10 << 17)
METADATA = {"landfall-format": "kms"}


@pytest.mark.parametrize(
    ("most_at_once", "call"),
    [(len(CONTENT), "PutObject"), (len(CONTENT) - 1, "CompleteMultipartUpload")],
    ids=["at once", "in parts"],
)
def test_what_lands_is_the_file_with_its_metadata(
    most_at_once: int,
    call: str,
    stack_environment: LocalStack,
    clients: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = Target(stack_environment.deployment, local=True)
    s3, asked = target.s3(), set[str]()
    s3.meta.events.register("before-call.s3", lambda model, **_: asked.add(model.name))
    monkeypatch.setattr(Target, "s3", lambda _: s3)
    monkeypatch.setattr(landing, "_MOST_AT_ONCE", most_at_once)
    file = land(target, Sealed(io.BytesIO(CONTENT), METADATA), f"landing/{uuid.uuid4().hex}/Sent.csv")
    stored = clients.s3.get_object(Bucket=file.bucket, Key=file.key, VersionId=file.version_id)
    assert (stored["Body"].read(), stored["Metadata"]) == (CONTENT, METADATA)
    assert file.size == len(CONTENT)
    assert call in asked
