"""Run the decryptor: ``python -m services.decryptor``."""

from __future__ import annotations

import asyncio

from botocore.session import get_session

from services.decryptor.gpg.key_secrets import secrets_client
from services.decryptor.gpg.rotation import KeyNames, RotatingKeys
from services.decryptor.handler import DecryptHandler
from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys, kms_clients
from services.decryptor.limits import Limits
from services.decryptor.originals import Originals
from services.decryptor.settings import DecryptorSettings
from shared.commit import Committer
from shared.errors import LandfallError
from shared.events import FileDecrypted
from shared.footprints import raw_footprint
from shared.logs import get_logger
from shared.manifests import DecryptManifest
from shared.worker.handler import Handler
from shared.worker.service import Parts, run_service

log = get_logger()


async def build(settings: DecryptorSettings, parts: Parts) -> Handler:
    """Wire the handler."""
    kms = KmsKeys(
        kms_clients(get_session()),
        frozenset(settings.kms_key_arns),
        required_context=settings.kms_encryption_context,
    )
    return DecryptHandler(
        store=parts.store,
        committer=Committer(
            parts.store, parts.bus, DecryptManifest, FileDecrypted, raw_footprint, settings.max_file_seconds
        ),
        originals=Originals(parts.store, settings.ingest_bucket),
        keyring=Keyring(kms, await _pgp_keys(settings, parts)),
        limits=Limits(
            max_members=settings.max_members,
            max_member_bytes=settings.max_member_bytes,
            max_total_bytes=settings.max_total_bytes,
            max_ratio=settings.max_ratio,
        ),
        staging_memory_bytes=settings.staging_memory_bytes,
    )


async def _pgp_keys(settings: DecryptorSettings, parts: Parts) -> RotatingKeys | None:
    """The PGP keys, tried once: unusable ones are told now, and fail only the files that need them."""
    if not settings.pgp_private_keys:
        return None
    names = KeyNames(settings.pgp_private_keys, settings.pgp_signer_keys, frozenset(settings.pgp_signers))
    keys = RotatingKeys(secrets_client(get_session()), names)
    parts.closing.callback(keys.close)
    try:
        await asyncio.to_thread(keys.check)
    except LandfallError as error:
        log.error("pgp_keys_unusable", code=error.code, reason=error.message, advice=error.advice)
    return keys


if __name__ == "__main__":
    run_service("decryptor", DecryptorSettings, build)
