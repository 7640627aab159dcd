"""PGP keys in AWS Secrets Manager: one secret a key, read as of now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, SecretStr, ValidationError

from services.decryptor.encryption_errors import PgpSecretUnreadable, PgpSecretUnusable
from services.decryptor.gpg.home import PrivateKey
from shared.aws.faults import classify
from shared.errors import TransientError

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_secretsmanager import SecretsManagerClient


def secrets_client(session: Session) -> SecretsManagerClient:
    """A thread-safe client; endpoint, credentials and Region come from the session."""
    config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
    client: SecretsManagerClient = session.create_client(  # type: ignore[assignment]  # its stub knows no service
        "secretsmanager", config=config
    )
    return client


@dataclass(frozen=True, slots=True)
class KeySecret:
    """What a secret holds now, and the id of that version."""

    version: str
    content: bytes = field(repr=False)


class _Described(BaseModel):
    """A secret that holds a key together with its passphrase."""

    private_key: SecretStr
    passphrase: SecretStr = SecretStr("")


def read_secret(client: SecretsManagerClient, name: str) -> KeySecret:
    """The current version of a secret, by its name or ARN.

    Raises:
        PgpSecretUnreadable: Secrets Manager refuses it or does not have it.
        TransientError: Secrets Manager cannot answer now.
    """
    try:
        answer = client.get_secret_value(SecretId=name)
    except (ClientError, BotoCoreError) as error:
        failure = classify(error)
        if isinstance(failure, TransientError):
            raise failure from None
        raise PgpSecretUnreadable(f"the PGP key secret {name} cannot be read: {failure.message}") from None
    content = answer.get("SecretBinary") or answer.get("SecretString", "").encode()
    return KeySecret(answer["VersionId"], content)


def private_key(name: str, secret: KeySecret) -> PrivateKey:
    """The private key in a secret: JSON with ``private_key`` and ``passphrase``, or a bare unprotected key.

    Raises:
        PgpSecretUnusable: the JSON has no private key in it.
    """
    if not secret.content.lstrip().startswith(b"{"):
        return PrivateKey(secret.content)
    try:
        described = _Described.model_validate_json(secret.content)
    except ValidationError:
        raise PgpSecretUnusable(f"the PGP key secret {name} is JSON without a private_key") from None
    key = described.private_key.get_secret_value().encode()
    return PrivateKey(key, described.passphrase.get_secret_value())
