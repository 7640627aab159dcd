"""What gpg's status lines mean (doc/DETAILS in GnuPG's documentation), as one error a cause."""

from __future__ import annotations

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
from services.decryptor.gpg.child import Outcome
from shared.errors import LandfallError

# Low 16 bits of a libgpg-error code.
_PASSPHRASE_ERRORS = frozenset(
    {11, 85, 99}
)  # bad passphrase, no pinentry, canceled: asking is impossible here
_UNSUPPORTED_ERRORS = frozenset(
    {4, 5, 12, 69, 84, 149}
)  # of algorithms: public-key, digest, cipher, any; versions
_NO_SECRET_KEY = 17
_NO_MEMORY = 1 << 15 | 86
_CODE_BITS = 0xFFFF

_HIDDEN = "0" * 16  # the key id of a recipient that is not named: gpg tries our keys one after another
_SIGNATURE_OF_DOCUMENT = frozenset({"00", "01"})
_NO_PUBLIC_KEY = "9"
_REFUSED = {
    "BADSIG": "the signature is not one of this content",
    "EXPSIG": "the signature has expired",
    "EXPKEYSIG": "the key of the signature has expired",
    "REVKEYSIG": "the key of the signature is revoked",
}


def judge_decryption(outcome: Outcome) -> None:
    """Require that gpg decrypted one message, vouches for its integrity, and reports no error.

    Raises:
        LandfallError: one class a cause; PgpTampered only where gpg found that the integrity is broken.
    """
    words = outcome.words
    if "BADMDC" in words:
        raise PgpTampered("the message does not pass its integrity check")
    if "DECRYPTION_OKAY" not in words:
        raise _why_not_decrypted(outcome)
    if "GOODMDC" not in words:
        raise PgpNotProtected("gpg does not vouch for the integrity of the message")
    if len(outcome.lines("BEGIN_DECRYPTION")) != 1 or "PLAINTEXT" in words:
        raise PgpMalformed("the file holds more than one message")
    if outcome.exit_code != 0 and _is_hidden(outcome):
        raise PgpUnsupported("gpg reports an error for a message that hides its recipients")
    if outcome.exit_code != 0:
        raise _failed(outcome)


def _why_not_decrypted(outcome: Outcome) -> LandfallError:
    words = outcome.words
    codes = {int(line[1]) & _CODE_BITS for line in outcome.lines("ERROR") if line[0] == "pkdecrypt_failed"}
    if codes & _PASSPHRASE_ERRORS:
        return PgpPassphraseWrong("the passphrase of the private key is wrong or missing")
    if _NO_MEMORY in codes:
        return PgpInterrupted("gpg has too little memory for its keys")
    if codes & _UNSUPPORTED_ERRORS:
        return PgpUnsupported("gpg does not know how the key of the message is encrypted")
    if codes - {_NO_SECRET_KEY} and not _is_hidden(outcome):
        return PgpSessionKeyRefused("a private key that the message names does not open it")
    if "NO_SECKEY" in words or codes:
        return PgpNoKey("the message is for none of the configured private keys")
    if "NODATA" in words or "UNEXPECTED" in words:
        return PgpMalformed("gpg finds no message in the file")
    return _failed(outcome)


def judge_signature(outcomes: tuple[Outcome, ...], signers: frozenset[str]) -> None:
    """Require a valid signature of the content by a signer, and none that is not valid, in one outcome.

    Raises:
        PgpSignatureMissing, PgpSignatureRefused, PgpSignatureUnsupported: the signature.
        PgpInterrupted, PgpGpgFailed: gpg.
    """
    if not outcomes:
        raise PgpSignatureMissing("the message is not signed")
    faults = [_fault_of_signature(outcome, signers) for outcome in outcomes]
    if None not in faults and faults[0] is not None:
        raise faults[0]


def _fault_of_signature(outcome: Outcome, signers: frozenset[str]) -> LandfallError | None:
    if outcome.exit_code < 0:
        return PgpInterrupted(f"gpg was killed by signal {-outcome.exit_code}")
    for word, reason in _REFUSED.items():
        if word in outcome.words:
            return PgpSignatureRefused(reason)
    errors = outcome.lines("ERRSIG")
    if any(line[5] == _NO_PUBLIC_KEY for line in errors):
        return PgpSignatureRefused("the signature is by a key that is not configured")
    if errors or "NEWSIG" not in outcome.words:
        return PgpSignatureUnsupported(
            "gpg cannot read the signature: its version or an algorithm is unknown"
        )
    valid = [line for line in outcome.lines("VALIDSIG") if line[8] in _SIGNATURE_OF_DOCUMENT]
    # The fingerprint of the signing key is the first word, that of its primary key the last.
    if "GOODSIG" not in outcome.words or not signers.intersection(
        name for line in valid for name in (line[0], line[-1])
    ):
        return PgpSignatureRefused("the signature is not by a required signer")
    return _failed(outcome) if outcome.exit_code != 0 else None


def _is_hidden(outcome: Outcome) -> bool:
    return any(line[:1] == (_HIDDEN,) for line in outcome.lines("ENC_TO"))


def _failed(outcome: Outcome) -> PgpGpgFailed:
    """Places and numbers only: other words of gpg may come from the file."""
    errors = outcome.lines("ERROR") + outcome.lines("FAILURE")
    said = ", ".join(f"{line[0]} {line[1]}" for line in errors if len(line) > 1) or "without a reason"
    return PgpGpgFailed(f"gpg ended with exit code {outcome.exit_code}: {said}")
