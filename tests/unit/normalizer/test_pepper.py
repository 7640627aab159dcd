"""The pepper: what in a secret it is, how long it is trusted, and what is said where it can't be had."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from services.normalizer.errors import PepperUnreadable, PepperUnusable
from services.normalizer.pepper import FRESH_SECONDS, Pepper, PepperSecret, pepper_of
from shared.errors import AwsUnavailable, ConfigurationError, LandfallError

RANDOM = bytes(range(128, 160))


@dataclass
class Secrets:
    """Secrets Manager with one secret, which counts how often it was asked."""

    answer: dict[str, Any] = field(default_factory=lambda: {"SecretBinary": RANDOM, "VersionId": "one"})
    refusal: str | None = None
    asked: int = 0

    async def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803 - boto's spelling
        self.asked += 1
        if self.refusal is not None:
            raise ClientError({"Error": {"Code": self.refusal, "Message": SecretId}}, "GetSecretValue")
        return self.answer


def secret(secrets: Secrets, now: list[float] | None = None) -> PepperSecret:
    clock = now or [0.0]
    return PepperSecret(cast("Any", secrets), "the-secret", lambda: clock[0])


@pytest.mark.parametrize(
    ("content", "pepper"),
    [
        pytest.param(RANDOM, RANDOM, id="bytes"),
        pytest.param(RANDOM + b"\n", RANDOM + b"\n", id="bytes that end like a line"),
        pytest.param(b"correct horse", b"correct horse", id="text"),
        pytest.param(b" correct horse \r\n", b" correct horse ", id="text with the line end of an editor"),
        pytest.param(json.dumps({"pepper": "gr\u00fcn", "since": 2026}).encode(), b"gr\xc3\xbcn", id="JSON"),
    ],
)
def test_the_pepper_is_the_content_or_the_text_of_that_name_in_json(content: bytes, pepper: bytes) -> None:
    assert pepper_of(content) == pepper


@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n", b" ", b'{"pepper": ""}', b'{"salt": "x"}', b'{"pepper": 7}', b'{"pepper": "x"'],
)
def test_what_holds_no_pepper_is_refused(content: bytes) -> None:
    with pytest.raises(PepperUnusable):
        pepper_of(content)


def test_a_refusal_does_not_show_what_was_there() -> None:
    with pytest.raises(PepperUnusable) as refused:
        pepper_of(b'{"salt": "s3cret"}')

    assert "s3cret" not in str(refused.value) + str(refused.value.__cause__)


def test_a_pepper_does_not_show_itself() -> None:
    assert "s3cret" not in repr(Pepper(b"s3cret", "one"))


async def test_it_comes_with_its_version() -> None:
    assert await secret(Secrets()).current() == Pepper(RANDOM, "one")


async def test_it_is_asked_for_once_in_a_while() -> None:
    secrets, now = Secrets(), [0.0]
    pepper = secret(secrets, now)

    for now[0] in (0.0, FRESH_SECONDS / 2, FRESH_SECONDS - 1):
        await pepper.current()

    assert secrets.asked == 1


async def test_a_new_version_is_seen_in_time() -> None:
    secrets, now = Secrets(), [0.0]
    pepper = secret(secrets, now)
    await pepper.current()

    secrets.answer = {"SecretString": "new", "VersionId": "two"}
    now[0] = FRESH_SECONDS

    assert await pepper.current() == Pepper(b"new", "two")


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("ResourceNotFoundException", PepperUnreadable),
        ("AccessDeniedException", PepperUnreadable),
        ("ThrottlingException", AwsUnavailable),
    ],
)
async def test_a_secret_that_cannot_be_read_is_told_with_its_cause(
    refusal: str, error: type[LandfallError]
) -> None:
    with pytest.raises(error):
        await secret(Secrets(refusal=refusal)).current()


@pytest.mark.parametrize("error", [PepperUnreadable, PepperUnusable])
def test_without_its_pepper_a_service_does_not_start(error: type[LandfallError]) -> None:
    assert issubclass(error, ConfigurationError)
