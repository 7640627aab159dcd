"""The decryptor's story of one file: find its version, unpack and verify it, let its members appear."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass

from services.decryptor.keyring import Keyring
from services.decryptor.landing import S3Landed, S3Staging
from services.decryptor.limits import Limits
from services.decryptor.members import Unpacked, complete_members, write_members
from services.decryptor.originals import Originals
from services.decryptor.staging import MemoryStaging
from services.decryptor.unpack import unpack
from shared.commit import Committer, now
from shared.errors import UnreadableMessage
from shared.events import ReplayRequested
from shared.identity import LandedFile
from shared.logs import get_logger
from shared.manifests import DecryptManifest
from shared.messages import LandingNotice, Message, Request, Skipped
from shared.objects.outputs import OutputSet
from shared.objects.store import ObjectInfo, ObjectStore
from shared.stages import Stage
from shared.threads import in_own_thread

log = get_logger()

# How members were made. They are verified plaintext: nothing but the naming rules can change them.
FINGERPRINT = "decrypt-1"


@dataclass(frozen=True, slots=True)
class DecryptHandler:
    """Handles S3 notifications of landed objects, and replays of this stage."""

    store: ObjectStore
    committer: Committer[DecryptManifest]
    originals: Originals
    keyring: Keyring
    limits: Limits
    staging_memory_bytes: int
    stage: Stage = Stage.DECRYPT

    async def identify(self, request: Request) -> Request:
        """Ask S3 which file a notification is about, and whether what a replay says of its file is so."""
        if isinstance(request, LandingNotice):
            return await self.originals.identify(request)
        return await self.originals.confirm(request) if isinstance(request, ReplayRequested) else request

    async def handle(self, request: Request, message: Message) -> None:
        """Return once the verified members lie in raw/ and the event is out."""
        if isinstance(request, Skipped):
            log.info("record_skipped", reason=request.reason)
            return
        if not isinstance(request, LandingNotice | ReplayRequested):
            raise UnreadableMessage(f"the decryptor does not handle {type(request).__name__}")
        file = request.file

        async def work() -> DecryptManifest:
            started = now()
            where = await self.originals.locate(file)
            async with OutputSet(self.store, request.generation, FINGERPRINT) as outputs:
                unpacked = await in_own_thread(self._unpack, file, where, outputs, asyncio.get_running_loop())
                members = await complete_members(unpacked, outputs)
            return DecryptManifest(
                file=file,
                generation=request.generation,
                replay=request.replay,
                fingerprint=FINGERPRINT,
                attempt=message.receive_count,
                formats=unpacked.layers,
                members=members,
                skipped=tuple(each.name for each in unpacked.skipped),
                warnings=unpacked.notices,
                started_at=started,
                finished_at=now(),
            )

        manifest = await self.committer.run(file, request.generation, work, is_prompt=message.is_prompt)
        if manifest is not None:
            log.info(
                "file_decrypted",
                members=len(manifest.members),
                skipped=len(manifest.skipped),
                formats=manifest.formats,
            )

    def _unpack(
        self, file: LandedFile, where: ObjectInfo, outputs: OutputSet, loop: asyncio.AbstractEventLoop
    ) -> Unpacked:
        landed = S3Landed(self.store, loop, file, where)
        overflow = S3Staging(self.store, loop, file.bucket, file.file_id)
        staging = MemoryStaging(self.staging_memory_bytes, overflow)
        # Closed here and not when garbage is collected: behind it are gpg and an inner archive's plaintext.
        with closing(unpack(landed, self.keyring, self.limits, staging)) as members:
            return write_members(members, outputs, loop, file.bucket, file.file_id)
