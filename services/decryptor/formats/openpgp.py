"""OpenPGP messages, binary and armored: gpg decrypts, verifies the integrity and the signature."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from services.decryptor.encryption_errors import PgpInterrupted, PgpMalformed, PgpNoKey, PgpUnsupported
from services.decryptor.formats.format import Envelope, Tools
from services.decryptor.formats.openpgp_armor import dearmored, find_armor
from services.decryptor.formats.openpgp_content import Content
from services.decryptor.formats.openpgp_framing import framed, is_encrypted
from services.decryptor.formats.openpgp_signature import verified
from services.decryptor.formats.openpgp_verdict import judge_decryption, judge_signature
from services.decryptor.gpg.child import Decryption, Outcome
from services.decryptor.gpg.home import GpgHome
from services.decryptor.streams import Chunk, Chunks, Source
from shared.errors import PermanentError


def _recognises(source: Source) -> bool:
    return is_message(source.head)


def is_message(head: bytes) -> bool:
    """Whether content begins as an encrypted message, armored or not."""
    return is_encrypted(head) or find_armor(head) is not None


def _decode(source: Source, tools: Tools) -> Generator[Chunk, None, None]:
    """Decrypt the message; gpg's verdict on its integrity and signature comes after the last byte.

    Raises:
        PgpNoKey: no private key is configured.
        LandfallError: whatever the armor, the frame, the packets inside, gpg's verdict or
            :meth:`PgpKeys.use` raise; gpg's verdict on the integrity comes before the packets inside.
    """
    keys = tools.keyring.pgp
    if keys is None:
        raise PgpNoKey("the file is encrypted by OpenPGP, and no private key is configured")
    with keys.use() as home, closing(Decryption(home, framed(_packets(source)))) as decryption:
        content = Content(decryption, tools.limits)
        signatures: tuple[Outcome, ...] = ()
        fault: PermanentError | None = None
        try:
            if home.signers:
                signatures = yield from verified(content, home)
            else:
                yield from content.chunks()
        except (PgpMalformed, PgpUnsupported) as error:
            fault = error
        judge_decryption(_outcome(decryption, home, fault))
        if fault is not None:
            raise fault
        if home.signers:
            judge_signature(signatures, home.signers)


def _packets(source: Source) -> Chunks:
    armor = None if is_encrypted(source.head) else find_armor(source.head)
    return source.chunks() if armor is None else dearmored(source.chunks(), armor)


def _outcome(decryption: Decryption, home: GpgHome, fault: PermanentError | None) -> Outcome:
    """How gpg ended. Damage shows in the packets inside first, so a fault of theirs waits for that."""
    for _ in decryption:
        pass
    outcome = decryption.outcome
    if outcome is None:
        raise fault or PgpInterrupted("gpg was not read to its end")  # the fault is one of the source, then
    if outcome.exit_code < 0:
        raise PgpInterrupted(f"gpg was killed by signal {-outcome.exit_code}")
    if outcome.exit_code and not home.has_agent():  # then gpg says that it has no key
        raise PgpInterrupted("gpg's agent, which holds the keys, has died")
    return outcome


FORMAT = Envelope("openpgp", _recognises, _decode)
