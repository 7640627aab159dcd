"""Run the decryptor: ``python -m services.decryptor``."""

from __future__ import annotations

from botocore.session import get_session

from services.decryptor.handler import DecryptHandler
from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys, kms_clients
from services.decryptor.limits import Limits
from services.decryptor.originals import Originals
from services.decryptor.settings import DecryptorSettings
from shared.commit import Committer
from shared.events import FileDecrypted
from shared.manifests import DecryptManifest
from shared.worker.handler import Handler
from shared.worker.service import Parts, run_service


async def build(settings: DecryptorSettings, parts: Parts) -> Handler:
    """Wire the handler."""
    keys = KmsKeys(kms_clients(get_session()), frozenset(settings.kms_key_arns))
    return DecryptHandler(
        store=parts.store,
        committer=Committer(parts.store, parts.bus, DecryptManifest, FileDecrypted),
        originals=Originals(parts.store, settings.ingest_bucket),
        keyring=Keyring(keys),
        limits=Limits(
            max_members=settings.max_members,
            max_member_bytes=settings.max_member_bytes,
            max_total_bytes=settings.max_total_bytes,
            max_ratio=settings.max_ratio,
        ),
        staging_memory_bytes=settings.staging_memory_bytes,
    )


if __name__ == "__main__":
    run_service("decryptor", DecryptorSettings, build)
