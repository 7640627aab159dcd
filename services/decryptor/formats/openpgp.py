"""OpenPGP messages, binary and armored, decrypted by gpg through pipes."""

from __future__ import annotations

from collections.abc import Generator

from services.decryptor.encryption_errors import (
    PgpInterrupted,
    PgpMalformed,
    PgpNoKey,
    PgpNotEncrypted,
    PgpNotProtected,
    PgpPassphraseWrong,
    PgpSignatureMissing,
    PgpSignatureRefused,
    PgpTampered,
    PgpUnsupported,
)
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.formats.openpgp_framing import framed, is_message
from services.decryptor.gpg.child import Outcome, decrypt
from services.decryptor.streams import Chunk, Source
from shared.errors import PermanentError

# Low 16 bits of a libgpg-error code: bad passphrase, no pinentry, canceled (asking is impossible here).
_PASSPHRASE_ERRORS = frozenset({11, 85, 99})
# A recipient whose key is to be found by trying ours. Where one of ECDH does not fit, gpg ends with an error
# although another does: as it does where content is missing from a packet inside, so that is not overlooked.
_HIDDEN = ("ENC_TO", "0" * 16)
_BAD_SIGNATURE = frozenset({"BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG"})


def _recognises(source: Source) -> bool:
    return is_message(source.head)


def _decode(source: Source, tools: Tools) -> Generator[Chunk, None, None]:
    """Decrypt the message; gpg's verdict on its integrity and signature comes after the last byte.

    Raises:
        PgpNoKey, PgpPassphraseWrong, PgpTampered, PgpSignatureMissing, PgpSignatureRefused: gpg's verdict.
        PgpMalformed, PgpNotEncrypted, PgpNotProtected, PgpUnsupported: gpg's verdict, or that of the frame.
        PgpTruncated, TrailingBytes: the frame.
        PgpInterrupted: gpg or its agent died before there was a verdict.
        LandfallError: whatever :meth:`PgpKeys.use` raises.
    """
    keys = tools.keyring.pgp
    if keys is None:
        raise PgpNoKey("the file is encrypted by OpenPGP, and no private key is configured")
    with keys.use() as home:
        outcome = yield from decrypt(home, framed(source.chunks(), source.head))
        if outcome.exit_code < 0:
            raise PgpInterrupted(f"gpg was killed by signal {-outcome.exit_code}")
        if outcome.exit_code and not home.has_agent():  # then gpg says that it has no key
            raise PgpInterrupted("gpg's agent, which holds the keys, has died")
    _judge(outcome, home.signers)


def _judge(outcome: Outcome, signers: frozenset[str]) -> None:
    """Require that gpg is content in every respect; DETAILS in GnuPG's documentation defines the words."""
    words = {line[0] for line in outcome.status if line}
    if "DECRYPTION_OKAY" not in words:
        raise _refusal(outcome, words)
    if signers:
        _judge_signature(outcome, words, signers)
    whole = sum(line[:1] == ("PLAINTEXT",) for line in outcome.status) == 1
    vouched = whole and "GOODMDC" in words
    if vouched and outcome.exit_code != 0 and any(line[:2] == _HIDDEN for line in outcome.status):
        raise PgpUnsupported(
            "gpg complains of a message that hides for whom it is, be it of keys that do not fit"
        )
    if not vouched or outcome.exit_code != 0:
        raise PgpTampered("gpg does not vouch for the message's integrity")


def _refusal(outcome: Outcome, words: set[str]) -> PermanentError:
    """Why gpg did not decrypt. Of armored messages the frame is not known: its faults are found here, too."""
    failed = [line for line in outcome.status if line[:2] == ("ERROR", "pkdecrypt_failed")]
    if any(int(line[2]) & 0xFFFF in _PASSPHRASE_ERRORS for line in failed):
        return PgpPassphraseWrong("the passphrase of the private key is wrong or missing")
    if "NO_SECKEY" in words:
        return PgpNoKey("the message is for none of the configured private keys")
    if "NEED_PASSPHRASE_SYM" in words:
        return PgpUnsupported("the message is encrypted under a passphrase only")
    if any(line[:2] == ("DECRYPTION_INFO", "0") and line[3:] in ((), ("0",)) for line in outcome.status):
        return PgpNotProtected("the message has no integrity protection")
    if "BEGIN_DECRYPTION" in words:
        return PgpTampered("the message does not pass its integrity check")
    if "NODATA" in words or "UNEXPECTED" in words:
        return PgpMalformed("the armor does not hold a message")
    return PgpNotEncrypted("the message is not encrypted")


def _judge_signature(outcome: Outcome, words: set[str], signers: frozenset[str]) -> None:
    """Require a valid signature by a signer, and none that is not valid."""
    if "NEWSIG" not in words:
        raise PgpSignatureMissing("the message is not signed")
    # The fingerprint of the signing key is the first word, that of its primary key the last.
    valid = {name for line in outcome.status if line[:1] == ("VALIDSIG",) for name in (line[1], line[-1])}
    if words & _BAD_SIGNATURE or "GOODSIG" not in words or not valid & signers:
        raise PgpSignatureRefused("the signature is not a valid one by a required signer")


FORMAT = Envelope("openpgp", _recognises, _decode)
