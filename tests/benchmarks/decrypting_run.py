"""One measured run of the decryptor, in a process of its own: the landed sample to raw/, by its own handler.

A small file of the same kind goes first, as the service that runs for months has seen one: what is measured
is the file's own time, not that of loading AWS's client libraries. Prints JSON: wall and CPU seconds (those
of gpg included).
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from botocore.session import get_session

from services.decryptor.gpg.home import PrivateKey, gpg_home
from services.decryptor.handler import DecryptHandler
from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys, kms_clients
from services.decryptor.limits import Limits
from services.decryptor.originals import Originals
from shared.aws.clients import Clients
from shared.commit import Committer
from shared.events import FileDecrypted
from shared.footprints import raw_footprint
from shared.identity import LandedFile
from shared.manifests import DecryptManifest
from shared.messages import LandingNotice, Message
from shared.objects.bulk import BulkTransfer
from shared.objects.store import ObjectStore
from tests.benchmarks.streaming_s3 import BUCKET, KEY_ARN
from tests.doubles.events import InMemoryEvents


async def decrypt(keyring: Keyring, staging_memory_bytes: int) -> dict[str, float]:
    """Handle the notice of the small file, then, measured, that of the sample."""
    async with Clients() as clients:
        s3 = await clients.s3()
        store = ObjectStore(s3, BulkTransfer(s3))
        bus = InMemoryEvents().bus()
        handler = DecryptHandler(
            store=store,
            committer=Committer(store, bus, DecryptManifest, FileDecrypted, raw_footprint),
            originals=Originals(store, BUCKET),
            keyring=keyring,
            limits=Limits(),
            staging_memory_bytes=staging_memory_bytes,
        )
        await _handle(handler, "landing/Small.csv")
        began, used = time.perf_counter(), _cpu_seconds()
        await _handle(handler, "landing/Sent.csv")
        return {"wall": time.perf_counter() - began, "cpu": _cpu_seconds() - used}


async def _handle(handler: DecryptHandler, key: str) -> None:
    landed_at = datetime(2026, 1, 31, tzinfo=UTC)
    file = LandedFile(bucket=BUCKET, key=key, version_id="v1", size=0, landed_at=landed_at)
    notice = Message("m", "r", json.dumps({"time": landed_at.isoformat()}), 1, sent_at=landed_at)
    await handler.handle(await handler.identify(LandingNotice(file)), notice)


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(pgp_key: Path, staging_memory_bytes: int) -> None:
    """Run once."""
    kms = KmsKeys(kms_clients(get_session()), frozenset({KEY_ARN}))
    with ExitStack() as held:
        pgp = held.enter_context(gpg_home([PrivateKey(pgp_key.read_bytes())]))
        print(json.dumps(asyncio.run(decrypt(Keyring(kms, pgp), staging_memory_bytes))))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
