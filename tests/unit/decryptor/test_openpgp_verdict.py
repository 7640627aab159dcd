"""What gpg says, and the one cause that it is taken for."""

from __future__ import annotations

import pytest

from services.decryptor.encryption_errors import (
    PgpGpgFailed,
    PgpInterrupted,
    PgpMalformed,
    PgpNoKey,
    PgpNotProtected,
    PgpPassphraseWrong,
    PgpSessionKeyRefused,
    PgpSignatureMissing,
    PgpSignatureRefused,
    PgpSignatureUnsupported,
    PgpTampered,
    PgpUnsupported,
)
from services.decryptor.formats.openpgp_verdict import judge_decryption, judge_signature
from services.decryptor.gpg.child import Outcome
from shared.errors import LandfallError

OURS, HIDDEN = "ENC_TO 355125AD648BFEFD 1 0", "ENC_TO 0000000000000000 1 0"
BEGUN = ("BEGIN_DECRYPTION", "DECRYPTION_INFO 2 9 0")
GOOD = (OURS, *BEGUN, "DECRYPTION_OKAY", "GOODMDC", "END_DECRYPTION")
FAILED = ("BEGIN_DECRYPTION", "DECRYPTION_FAILED", "END_DECRYPTION")
SIGNER, OTHER = "A" * 40, "B" * 40


def outcome(*status: str, code: int = 2) -> Outcome:
    return Outcome(code, tuple(tuple(line.split()) for line in status))


def refused(code: int) -> str:
    return f"ERROR pkdecrypt_failed {0x2000000 | code}"


def test_a_message_that_gpg_vouches_for_passes() -> None:
    judge_decryption(outcome(*GOOD, code=0))


@pytest.mark.parametrize(
    ("ended", "cause"),
    [
        pytest.param(outcome(OURS, *BEGUN, "BADMDC", "DECRYPTION_FAILED"), PgpTampered, id="integrity"),
        pytest.param(outcome(OURS, refused(11), *FAILED), PgpPassphraseWrong, id="passphrase"),
        pytest.param(outcome(OURS, refused(18), *FAILED), PgpSessionKeyRefused, id="another key of that id"),
        pytest.param(outcome(OURS, refused(84), *FAILED), PgpUnsupported, id="algorithm"),
        pytest.param(outcome(OURS, refused(32854), *FAILED), PgpInterrupted, id="memory"),
        pytest.param(outcome(OURS, "NO_SECKEY 1", *FAILED), PgpNoKey, id="for others"),
        pytest.param(outcome(OURS, refused(17), *FAILED), PgpNoKey, id="key gone"),
        pytest.param(outcome(HIDDEN, refused(18), *FAILED), PgpNoKey, id="hidden, for others"),
        pytest.param(outcome(*BEGUN, "DECRYPTION_OKAY", code=0), PgpNotProtected, id="no verdict"),
        pytest.param(outcome(OURS, *BEGUN, "DECRYPTION_FAILED"), PgpGpgFailed, id="no reason"),
        pytest.param(outcome("NODATA 1"), PgpMalformed, id="no data"),
        pytest.param(outcome(), PgpGpgFailed, id="nothing said"),
        pytest.param(outcome(*GOOD), PgpGpgFailed, id="an error in spite of all"),
        pytest.param(outcome(HIDDEN, *GOOD), PgpUnsupported, id="an error with hidden recipients"),
        pytest.param(outcome(*GOOD, *GOOD, code=0), PgpMalformed, id="two messages"),
        pytest.param(outcome("PLAINTEXT 62 0 x", *GOOD, code=0), PgpMalformed, id="a file beside it"),
    ],
)
def test_every_other_outcome_has_its_cause(ended: Outcome, cause: type[LandfallError]) -> None:
    with pytest.raises(LandfallError) as raised:
        judge_decryption(ended)
    assert type(raised.value) is cause


def test_an_unknown_error_is_named_by_its_place_and_number_only() -> None:
    ended = outcome(OURS, *BEGUN, "ERROR somewhere 123 Ada", "FAILURE decrypt 45", "DECRYPTION_FAILED")
    with pytest.raises(PgpGpgFailed, match=r"exit code 2: somewhere 123, decrypt 45$"):
        judge_decryption(ended)


def valid(kind: str = "00", primary: str = SIGNER) -> str:
    return f"VALIDSIG {OTHER} 2026-01-01 1 0 4 0 22 10 {kind} {primary}"


VERIFIED = outcome("NEWSIG", "GOODSIG 1 Ada", valid(), code=0)


@pytest.mark.parametrize(
    "ended",
    [
        VERIFIED,
        outcome("NEWSIG", "GOODSIG 1 Ada", valid("01"), code=0),
        outcome("NEWSIG", "GOODSIG 1 Ada", valid(primary=OTHER).replace(OTHER, SIGNER, 1), code=0),
    ],
    ids=["primary key", "text", "subkey"],
)
def test_a_valid_signature_by_a_signer_passes(ended: Outcome) -> None:
    judge_signature((ended,), frozenset({SIGNER}))


def test_one_reading_of_a_text_signature_is_enough() -> None:
    judge_signature((outcome("NEWSIG", "BADSIG 1 Ada", code=1), VERIFIED), frozenset({SIGNER}))


@pytest.mark.parametrize(
    ("ended", "cause"),
    [
        pytest.param(outcome("NEWSIG", "BADSIG 1 Ada", code=1), PgpSignatureRefused, id="of other content"),
        pytest.param(outcome("NEWSIG", "EXPSIG 1 A", valid()), PgpSignatureRefused, id="expired"),
        pytest.param(outcome("NEWSIG", "EXPKEYSIG 1 A", valid()), PgpSignatureRefused, id="expired key"),
        pytest.param(outcome("NEWSIG", "REVKEYSIG 1 A", valid()), PgpSignatureRefused, id="revoked key"),
        pytest.param(
            outcome("NEWSIG", "ERRSIG 1 22 8 00 1 9 F", "NO_PUBKEY 1"), PgpSignatureRefused, id="unknown key"
        ),
        pytest.param(
            outcome("NEWSIG", "GOODSIG 1 Ada", valid(primary=OTHER), code=0),
            PgpSignatureRefused,
            id="another",
        ),
        pytest.param(
            outcome("NEWSIG", "GOODSIG 1 Ada", valid("02"), code=0), PgpSignatureRefused, id="of no document"
        ),
        pytest.param(
            outcome("NEWSIG", "ERRSIG 1 99 8 00 1 4 F"), PgpSignatureUnsupported, id="unknown algorithm"
        ),
        pytest.param(outcome("NODATA 3", "NODATA 4"), PgpSignatureUnsupported, id="unknown version"),
        pytest.param(
            outcome("NEWSIG", "GOODSIG 1 Ada", valid()), PgpGpgFailed, id="an error in spite of all"
        ),
        pytest.param(outcome(code=-9), PgpInterrupted, id="killed"),
    ],
)
def test_every_other_signature_has_its_cause(ended: Outcome, cause: type[LandfallError]) -> None:
    with pytest.raises(LandfallError) as raised:
        judge_signature((ended,), frozenset({SIGNER}))
    assert type(raised.value) is cause


def test_a_missing_signature_has_its_own_cause() -> None:
    with pytest.raises(PgpSignatureMissing):
        judge_signature((), frozenset({SIGNER}))
