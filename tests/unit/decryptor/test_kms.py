"""Unwrapping by KMS: what is asked, and what each refusal means."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from services.decryptor.encryption_errors import (
    KmsAccessDenied,
    KmsCiphertextRefused,
    KmsKeyDisabled,
    KmsKeyNotAllowed,
    KmsKeyNotFound,
    KmsUnavailable,
    KmsWrongKey,
)
from services.decryptor.kms import KmsKeys, kms_clients
from shared.errors import AwsAccessDenied, AwsRefused, ConfigurationError, PermanentError, TransientError
from tests.unit.decryptor.kms_double import REGION, KmsDouble

CONTEXT = {"purpose": "test"}


@pytest.fixture
def kms() -> KmsDouble:
    return KmsDouble()


def keys(kms: KmsDouble, *arns: str, any_key: bool = False) -> KmsKeys:
    return KmsKeys(kms.clients, frozenset(arns), any_key=any_key)


def test_a_ciphertext_comes_out(kms: KmsDouble) -> None:
    arn = kms.create_key()
    blob = kms.encrypt(arn, b"secret", CONTEXT)
    assert keys(kms, arn).decrypt(blob, CONTEXT, arn) == b"secret"


def test_without_a_stated_key_the_only_listed_one_is_asked_for(kms: KmsDouble) -> None:
    listed, other = kms.create_key(), kms.create_key()
    blob = kms.encrypt(other, b"secret", CONTEXT)
    with pytest.raises(KmsWrongKey):
        keys(kms, listed).decrypt(blob, CONTEXT)


def test_without_a_stated_key_the_key_that_kms_used_must_be_listed(kms: KmsDouble) -> None:
    listed = [kms.create_key(), kms.create_key()]
    blob = kms.encrypt(kms.create_key(), b"secret", CONTEXT)
    with pytest.raises(KmsKeyNotAllowed):
        keys(kms, *listed).decrypt(blob, CONTEXT)


def test_any_of_the_listed_keys_will_do(kms: KmsDouble) -> None:
    listed = [kms.create_key(), kms.create_key()]
    blob = kms.encrypt(listed[1], b"secret", CONTEXT)
    assert keys(kms, *listed).decrypt(blob, CONTEXT) == b"secret"


def test_without_listed_keys_every_file_is_refused(kms: KmsDouble) -> None:
    arn = kms.create_key()
    with pytest.raises(KmsKeyNotAllowed, match=arn):
        keys(kms).decrypt(kms.encrypt(arn, b"secret", {}), {}, arn)
    assert kms.calls == []


@pytest.mark.parametrize("written", ["arn:aws:kms:eu-west-1:123456789012:key/anna@example.com", "Anna", ""])
def test_what_a_file_writes_in_place_of_a_key_is_not_repeated(kms: KmsDouble, written: str) -> None:
    with pytest.raises(KmsKeyNotAllowed, match=r"do not list the KMS key that the file is encrypted under$"):
        keys(kms).decrypt(b"blob", {}, written)


def test_no_key_at_all_is_not_any_key(kms: KmsDouble) -> None:
    with pytest.raises(KmsKeyNotAllowed):
        keys(kms, any_key=True).decrypt(b"blob", CONTEXT, "")


def test_any_key_is_accepted_where_the_settings_say_so(kms: KmsDouble) -> None:
    arn = kms.create_key()
    blob = kms.encrypt(arn, b"secret", CONTEXT)
    assert keys(kms, any_key=True).decrypt(blob, CONTEXT, arn) == b"secret"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("AccessDeniedException", KmsAccessDenied),
        ("DisabledException", KmsKeyDisabled),
        ("KMSInvalidStateException", KmsKeyDisabled),
        ("NotFoundException", KmsKeyNotFound),
        ("IncorrectKeyException", KmsWrongKey),
        ("InvalidKeyUsageException", KmsWrongKey),
        ("InvalidCiphertextException", KmsCiphertextRefused),
        ("ValidationException", KmsCiphertextRefused),
        ("InvalidArnException", KmsKeyNotFound),
        ("SomethingNewException", AwsRefused),
    ],
)
def test_refusals_are_told_apart(kms: KmsDouble, code: str, error: type[PermanentError]) -> None:
    arn = kms.create_key()
    kms.fail_with = code
    with pytest.raises(error, match=f"{code} to Decrypt .request request-1."):
        keys(kms, arn).decrypt(b"blob", {}, arn)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("LimitExceededException", 400),
        ("KMSInternalException", 500),
        ("KeyUnavailableException", 500),
        ("DependencyTimeoutException", 503),
        ("InternalFailure", 500),
        ("ServiceUnavailableException", 503),
    ],
)
def test_what_passes_is_tried_again(kms: KmsDouble, code: str, status: int) -> None:
    arn = kms.create_key()
    kms.fail_with, kms.status = code, status
    with pytest.raises(KmsUnavailable):
        keys(kms, arn).decrypt(b"blob", {}, arn)


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (EndpointConnectionError(endpoint_url="http://kms"), TransientError),
        (ReadTimeoutError(endpoint_url="http://kms"), TransientError),
        (NoCredentialsError(), AwsAccessDenied),
    ],
    ids=["no connection", "time-out", "no credentials"],
)
def test_failures_of_the_connection_are_told_apart(
    kms: KmsDouble, raised: Exception, error: type[Exception]
) -> None:
    arn = kms.create_key()
    session = kms.session

    def fail(**_: object) -> None:
        raise raised

    session.unregister("before-call.kms", kms._answer)  # type: ignore[arg-type]  # as in the double
    session.register("before-call.kms", fail)
    with pytest.raises(error):
        KmsKeys(kms_clients(session), frozenset({arn})).decrypt(b"blob", {}, arn)


def test_an_endpoint_that_is_no_url_is_a_matter_of_configuration(
    kms: KmsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "not a url")
    with pytest.raises(ConfigurationError):
        keys(kms, any_key=True).decrypt(b"blob", {}, f"arn:aws:kms:{REGION}:0:key/0")


def test_the_key_s_own_region_is_asked() -> None:
    kms = KmsDouble()
    asked: list[str | None] = []
    clients = kms.clients

    def record(region: str | None):  # type: ignore[no-untyped-def]  # a client of any kind
        asked.append(region)
        return clients(region)

    arn = kms.create_key()
    KmsKeys(record, frozenset({arn})).decrypt(kms.encrypt(arn, b"x", {}), {}, arn)
    assert asked == [REGION]


def test_a_region_that_is_none_is_not_asked(kms: KmsDouble) -> None:
    with pytest.raises(KmsKeyNotFound):
        keys(kms, any_key=True).decrypt(b"blob", {}, "arn:aws:kms:evil.example/:0:key/0")


def test_clients_are_made_once() -> None:
    clients = KmsDouble().clients
    assert clients(REGION) is clients(REGION)
