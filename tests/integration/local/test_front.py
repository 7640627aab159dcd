"""Everything but crawls goes through the front as it came."""

from __future__ import annotations

import hashlib
import http.client
import os

import pytest

from landfall.local.glue.health import HEALTH_PATH
from landfall.local.stack import LocalStack


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_objects_of_any_size_pass_unchanged(stack: LocalStack, size: int) -> None:
    s3 = stack.session().client("s3", endpoint_url=stack.glue_endpoint)
    content = os.urandom(size)
    key = f"raw/through the front+é {size}"
    s3.put_object(Bucket=stack.deployment.ingest_bucket, Key=key, Body=content, Metadata={"made-by": "test"})
    got = s3.get_object(Bucket=stack.deployment.ingest_bucket, Key=key)
    assert hashlib.sha256(got["Body"].read()).digest() == hashlib.sha256(content).digest()
    assert got["Metadata"] == {"made-by": "test"}
    assert s3.head_object(Bucket=stack.deployment.ingest_bucket, Key=key)["ContentLength"] == size


def test_errors_of_the_emulator_pass_unchanged(stack: LocalStack) -> None:
    s3 = stack.session().client("s3", endpoint_url=stack.glue_endpoint)
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=stack.deployment.ingest_bucket, Key="nothing")


def test_the_rest_of_glue_is_the_emulators(stack: LocalStack) -> None:
    through = stack.session().client("glue", endpoint_url=stack.glue_endpoint)
    directly = stack.session().client("glue", endpoint_url=stack.endpoint)
    through.create_database(DatabaseInput={"Name": "made_through_the_front"})
    assert (
        directly.get_database(Name="made_through_the_front")["Database"]["Name"] == "made_through_the_front"
    )


def test_the_front_says_that_it_runs(stack: LocalStack) -> None:
    host, _, port = stack.glue_endpoint.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    connection.request("GET", HEALTH_PATH)
    assert connection.getresponse().status == 200
    connection.close()
