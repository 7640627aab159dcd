"""Unwrapping data keys by AWS KMS: only under keys that are allowed, every refusal told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    InvalidRegionError,
    NoRegionError,
)

from services.decryptor.encryption_errors import (
    EncryptionContextMismatch,
    KmsAccessDenied,
    KmsCiphertextRefused,
    KmsKeyDisabled,
    KmsKeyNotAllowed,
    KmsKeyNotFound,
    KmsUnavailable,
    KmsWrongKey,
)
from shared.aws.faults import classify, error_code
from shared.errors import ConfigurationError, LandfallError, TransientError

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_kms import KMSClient

_REFUSALS: dict[str, type[LandfallError]] = {
    "AccessDenied": KmsAccessDenied,
    "AccessDeniedException": KmsAccessDenied,
    "DisabledException": KmsKeyDisabled,
    "KMSInvalidStateException": KmsKeyDisabled,
    "NotFoundException": KmsKeyNotFound,
    "IncorrectKeyException": KmsWrongKey,
    "InvalidKeyUsageException": KmsWrongKey,
    "InvalidCiphertextException": KmsCiphertextRefused,
    "ValidationException": KmsCiphertextRefused,
    "InvalidArnException": KmsKeyNotFound,
    "KMSInternalException": KmsUnavailable,
    "KeyUnavailableException": KmsUnavailable,
    "DependencyTimeoutException": KmsUnavailable,
}

_KEY_ARN = re.compile("arn:aws[a-z-]*:kms:[a-z0-9-]{5,30}:[0-9]{12}:key/(?:mrk-)?[0-9a-f-]{32,36}")

KmsClients = Callable[[str | None], "KMSClient"]


def kms_clients(session: Session) -> KmsClients:
    """A thread-safe source of KMS clients by Region (None: the session's own), each made once.

    Endpoints, credentials and the default Region come from the session, and so from the environment.
    """
    config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
    made: dict[str | None, KMSClient] = {}
    lock = Lock()

    def client(region: str | None) -> KMSClient:
        with lock:  # sessions make clients one at a time
            if region not in made:
                made[region] = session.create_client(  # type: ignore[assignment]  # its stub knows no service
                    "kms", region_name=region, config=config
                )
            return made[region]

    return client


@dataclass(frozen=True, slots=True)
class KmsKeys:
    """KMS keys the decryptor may use.

    ``key_arns`` lists them; with ``any_key`` every key that the role may use is accepted (discovery).
    ``required_context`` holds the encryption-context pairs that every file must carry.
    """

    clients: KmsClients
    key_arns: frozenset[str] = frozenset()
    any_key: bool = False
    required_context: Mapping[str, str] = field(default_factory=dict)

    def allows(self, key_arn: str) -> bool:
        """Whether the key may be used."""
        return (self.any_key and key_arn != "") or key_arn in self.key_arns

    def require_context(self, context: Mapping[str, str]) -> None:
        """Check a file's encryption context against the required one.

        Raises:
            EncryptionContextMismatch: a required pair is missing or different.
        """
        missing = [key for key, value in self.required_context.items() if context.get(key) != value]
        if missing:
            raise lacking(missing)

    def unstored_context(self, context: Mapping[str, str]) -> dict[str, str]:
        """The required pairs that are not in ``context``: a sender may keep them out of the file.

        Raises:
            EncryptionContextMismatch: a required pair has another value.
        """
        different = [key for key, value in self.required_context.items() if context.get(key, value) != value]
        if different:
            raise lacking(different)
        return {key: value for key, value in self.required_context.items() if key not in context}

    def decrypt(self, blob: bytes, context: Mapping[str, str], key_arn: str | None = None) -> bytes:
        """The plaintext of a KMS ciphertext, made under ``key_arn`` where the file says which.

        Raises:
            EncryptionContextMismatch, KmsKeyNotAllowed: our own settings refuse.
            KmsAccessDenied, KmsKeyDisabled, KmsKeyNotFound, KmsWrongKey, KmsCiphertextRefused: KMS refuses.
            KmsUnavailable: to be tried again.
            ConfigurationError: the environment has no Region, or no valid endpoint.
        """
        self.require_context(context)
        if not (self.any_key or self.key_arns) or (key_arn is not None and not self.allows(key_arn)):
            raise KmsKeyNotAllowed(f"the settings do not list {described([key_arn or ''])}")
        if key_arn is None and len(self.key_arns) == 1:
            (key_arn,) = self.key_arns
        region = _region(key_arn or min(self.key_arns, default=""))
        try:
            if key_arn is None:
                answer = self.clients(region).decrypt(CiphertextBlob=blob, EncryptionContext=context)
            else:
                answer = self.clients(region).decrypt(
                    CiphertextBlob=blob, EncryptionContext=context, KeyId=key_arn
                )
        except (ClientError, BotoCoreError) as error:
            raise _refusal(error) from None
        except ValueError:  # botocore's for an endpoint that is no URL
            raise ConfigurationError("the endpoint that the environment gives for KMS is not valid") from None
        if not self.allows(answer["KeyId"]) or key_arn not in (None, answer["KeyId"]):
            raise KmsKeyNotAllowed(f"the settings do not list {described([answer['KeyId']])}, which KMS used")
        return answer["Plaintext"]


def lacking(pairs: Iterable[str]) -> EncryptionContextMismatch:
    """The failure of a file whose encryption context lacks some required pairs."""
    return EncryptionContextMismatch(f"the encryption context lacks {', '.join(sorted(pairs))}")


def described(key_arns: Iterable[str]) -> str:
    """The keys that a file is encrypted under, for people; a file may write anything where an ARN belongs."""
    known = [arn for arn in key_arns if _KEY_ARN.fullmatch(arn)]
    return " or ".join(known) if known else "the KMS key that the file is encrypted under"


def _region(key_arn: str) -> str | None:
    parts = key_arn.split(":")
    return parts[3] if len(parts) > 4 and parts[3] else None


def _refusal(error: ClientError | BotoCoreError) -> LandfallError:
    """The failure that an answer of KMS stands for, with KMS's own code and request id."""
    if isinstance(error, InvalidRegionError):
        return KmsKeyNotFound("the file names a KMS key in a Region that cannot be")
    if isinstance(error, NoRegionError):
        return ConfigurationError("no AWS Region is set")
    if not isinstance(error, ClientError):
        failure = classify(error)
        return KmsUnavailable(failure.message) if isinstance(failure, TransientError) else failure
    code = error_code(error)
    request = error.response.get("ResponseMetadata", {}).get("RequestId", "unknown")
    message = f"KMS answered {code} to Decrypt (request {request})"
    if code in _REFUSALS:
        return _REFUSALS[code](message)
    failure = classify(error)
    return KmsUnavailable(message) if isinstance(failure, TransientError) else type(failure)(message)
