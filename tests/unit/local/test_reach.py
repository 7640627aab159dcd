"""Clients of the local stack never reach a real account by accident."""

from __future__ import annotations

import pytest

from landfall.local.reach import Reach, environment_without_aws

OWN = Reach("http://127.0.0.1:4566", "http://127.0.0.1:4567")
EXTERNAL = Reach("http://localstack:4566", "http://glue:4567", external=True)


@pytest.fixture(autouse=True)
def real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")


def test_children_inherit_nothing_of_aws() -> None:
    assert [name for name in environment_without_aws() if name.startswith("AWS_")] == []


def test_an_emulator_of_our_own_gets_made_up_credentials() -> None:
    environment = OWN.environment()
    assert (environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]) == ("test", "test")


def test_an_endpoint_that_was_there_before_gets_the_credentials_of_the_environment() -> None:
    assert EXTERNAL.environment()["AWS_ACCESS_KEY_ID"] == "real"


def test_glue_has_an_endpoint_of_its_own() -> None:
    environment = OWN.environment()
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert environment["AWS_ENDPOINT_URL_GLUE"] == "http://127.0.0.1:4567"


def test_a_session_does_not_need_the_profile_that_is_set() -> None:
    credentials = OWN.session().get_credentials()
    assert credentials is not None
    assert credentials.access_key == "test"
