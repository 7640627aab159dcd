"""The pepper: the secret under which identifiers that are no match keys are hashed.

Everybody can compute the SHA-256 of a guess; nobody can compute its HMAC without the pepper, so that hashes
of SubscriberKeys tell nothing. Match keys have none, for a partner has to arrive at the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, SecretStr, ValidationError

from services.normalizer.errors import PepperUnreadable, PepperUnusable
from shared.aws.faults import AWS_ERRORS, classify
from shared.errors import TransientError

if TYPE_CHECKING:
    from types_aiobotocore_secretsmanager import SecretsManagerClient

FRESH_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Pepper:
    """The secret's bytes, and the id of the version of the secret that held them."""

    secret: bytes = field(repr=False)
    version: str


class _Described(BaseModel):
    """A secret with a name for what it holds, as the console of Secrets Manager makes them."""

    pepper: SecretStr


def pepper_of(content: bytes) -> bytes:
    """The pepper in a secret or a file: the text of ``pepper`` in JSON, or else the content itself.

    The line end that editors put behind a text is no part of it; bytes that are no text stay as they are.

    Raises:
        PepperUnusable: it is empty, or JSON without a ``pepper``.
    """
    if content.lstrip().startswith(b"{"):
        try:
            pepper = _Described.model_validate_json(content).pepper.get_secret_value().encode()
        except ValidationError:
            raise PepperUnusable("the pepper's secret is JSON without a text named pepper") from None
    else:
        pepper = _without_line_end(content)
    if not pepper.strip():
        raise PepperUnusable("the pepper's secret is empty")
    return pepper


def _without_line_end(content: bytes) -> bytes:
    try:
        content.decode()
    except UnicodeDecodeError:
        return content
    return content.removesuffix(b"\n").removesuffix(b"\r")


@dataclass(slots=True, eq=False)
class PepperSecret:
    """The pepper that Secrets Manager holds, asked anew at most every ``FRESH_SECONDS``."""

    client: SecretsManagerClient
    name: str
    clock: Callable[[], float] = time.monotonic
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: Pepper | None = None
    _asked_at: float = 0.0

    async def current(self) -> Pepper:
        """The pepper as it is now, or was ``FRESH_SECONDS`` ago at most.

        Raises:
            PepperUnreadable: the secret does not exist, or the role may not read it.
            PepperUnusable: there is no pepper in it.
            TransientError: Secrets Manager cannot answer now.
        """
        async with self._lock:
            if self._known is None or self.clock() - self._asked_at >= FRESH_SECONDS:
                self._known = await self._read()
                self._asked_at = self.clock()
            return self._known

    async def _read(self) -> Pepper:
        try:
            answer = await self.client.get_secret_value(SecretId=self.name)
        except AWS_ERRORS as error:
            failure = classify(error)
            if isinstance(failure, TransientError):
                raise failure from None
            raise PepperUnreadable(f"the pepper's secret cannot be read: {failure.message}") from None
        content = answer.get("SecretBinary") or answer.get("SecretString", "").encode()
        return Pepper(pepper_of(content), answer["VersionId"])
