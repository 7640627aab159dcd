"""Comparing a copy with its original; by reading the original where S3 itself has nothing to compare by."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass

from shared.manifests import Notice
from shared.objects.sameness import SIZE_ONLY, proof_of_sameness
from shared.objects.store import ObjectInfo, ObjectStore

READ_TO_COMPARE_BYTES = 1 << 30  # longer than a copy inside S3 takes, but no more than some tens of seconds
_PIECE_BYTES = 8 << 20  # in memory at once


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares copies with one original, whose SHA-256 may be known (lower-case hex).

    S3 has no checksum over the whole of what was uploaded in parts with a checksum of each, as many clients
    do above a few MB. Such an original is read, if it has no more than ``read_up_to`` bytes.
    """

    store: ObjectStore
    original: ObjectInfo
    sha256: str | None
    read_up_to: int = READ_TO_COMPARE_BYTES

    async def proof(self, copy: ObjectInfo) -> str | None:
        """As :func:`proof_of_sameness` has it, of what can be known of the original without undue effort."""
        proof = proof_of_sameness(self.original, copy, self.sha256)
        if proof == SIZE_ONLY and "SHA256" in copy.checksums and self.original.size <= self.read_up_to:
            return proof_of_sameness(self.original, copy, await self._read_sha256())
        return proof

    async def _read_sha256(self) -> str:
        digest, original = hashlib.sha256(), self.original
        for start in range(0, original.size, _PIECE_BYTES):
            length = min(_PIECE_BYTES, original.size - start)
            piece = await self.store.read_range(
                original.bucket, original.key, start, length, original.version_id
            )
            await asyncio.to_thread(digest.update, piece)
        return digest.hexdigest()


def compared_by_size(kind: str, size: int) -> Notice:
    """An original is deleted though only the size of its copy could be compared."""
    return Notice(
        code="COPY_COMPARED_BY_SIZE",
        message=f"of the copy of an original of {size} bytes under {kind}/ only the size could be compared: "
        "S3 has no checksum over the whole of both",
    )
