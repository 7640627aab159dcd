"""The decryptor's settings as they stand in an environment."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.decryptor.settings import DecryptorSettings
from shared.objects.upload import MOST_BYTES


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INGEST_BUCKET", "EVENT_BUS", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL"):
        monkeypatch.setenv(f"LANDFALL_{name}", "x")


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> DecryptorSettings:
    for name, value in variables.items():
        monkeypatch.setenv(f"LANDFALL_{name.upper()}", value)
    return DecryptorSettings()


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    read = settings(monkeypatch, kms_key_arns="arn:1, arn:2,", pgp_private_keys="ours")
    assert (read.kms_key_arns, read.pgp_private_keys) == (("arn:1", "arn:2"), ("ours",))


def test_the_encryption_context_is_read_as_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    read = settings(monkeypatch, kms_encryption_context="purpose=landing, unit=a=b")
    assert read.kms_encryption_context == {"purpose": "landing", "unit": "a=b"}


@pytest.mark.parametrize("text", ["purpose", "=landing", "purpose=landing,unit"])
def test_an_encryption_context_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        settings(monkeypatch, kms_encryption_context=text)


@pytest.mark.parametrize("name", ["pgp_signers", "pgp_signer_keys"])
def test_signers_and_their_keys_need_each_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One without the other would look like a check and be none."""
    with pytest.raises(ValidationError):
        settings(monkeypatch, pgp_private_keys="ours", **{name: "x"})


def test_a_member_may_be_as_large_as_an_upload_and_no_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A larger one would fail at part 10,001, hours into the file."""
    assert settings(monkeypatch, max_member_bytes=str(MOST_BYTES)).max_member_bytes == MOST_BYTES
    with pytest.raises(ValidationError):
        settings(monkeypatch, max_member_bytes=str(MOST_BYTES + 1))


def test_nothing_but_the_common_settings_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    read = settings(monkeypatch)
    assert (read.kms_key_arns, read.kms_encryption_context, read.pgp_private_keys) == ((), {}, ())
