"""The landed version and the staging area, in S3, as the formats see them from a worker thread."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from services.decryptor.errors import StagingTooLarge
from services.decryptor.landed import MOST_SIBLING_BYTES
from services.decryptor.streams import Chunks
from shared.errors import ObjectVanished
from shared.identity import LandedFile
from shared.layout import MOST_KEY_BYTES, staging_key
from shared.objects.store import ObjectInfo, ObjectStore
from shared.objects.streams import ObjectReader, UploadWriter, run_on_loop
from shared.objects.upload import MOST_BYTES, PendingUpload


@dataclass(frozen=True, slots=True)
class S3Landed:
    """A landed version, wherever it lies now; its name and siblings are those of its landing key."""

    store: ObjectStore
    loop: asyncio.AbstractEventLoop
    file: LandedFile
    where: ObjectInfo

    @property
    def name(self) -> str:
        """The last part of the landing key."""
        return self.file.key.rpartition("/")[2]

    @property
    def size(self) -> int:
        """Bytes, still encrypted."""
        return self.where.size

    @property
    def metadata(self) -> Mapping[str, str]:
        """S3 user metadata."""
        return self.where.metadata

    def open(self) -> BinaryIO:
        """A seekable reader of exactly this version."""
        return _reader(self.store, self.loop, self.where)

    def read_sibling(self, suffix: str) -> bytes | None:
        """A small object beside the landing key, such as an instruction file."""
        key = self.file.key + suffix
        if len(key.encode()) > MOST_KEY_BYTES:  # S3 refuses to look for what cannot be there
            return None
        return run_on_loop(self._start_of(key), self.loop)

    async def _start_of(self, key: str) -> bytes | None:
        """As much as needed of an object that anybody may have put: it may be of any size."""
        info = await self.store.head(self.file.bucket, key)
        if info is None or not info.size:
            return None if info is None else b""
        length = min(info.size, MOST_SIBLING_BYTES + 1)
        return await self.store.read_range(self.file.bucket, key, 0, length, info.version_id)


@dataclass(frozen=True, slots=True)
class S3Staging:
    """Holds a verified inner archive as an object encrypted by its bucket, for as long as it is read."""

    store: ObjectStore
    loop: asyncio.AbstractEventLoop
    bucket: str
    file_id: str

    @contextmanager
    def hold(self, chunks: Chunks) -> Iterator[BinaryIO]:
        """Store the stream, read it back by ranges, delete it.

        Raises:
            StagingTooLarge: there is more than an upload can hold.
            ObjectVanished: another worker, for which the file failed for good, has cleared it away.
        """
        key = staging_key(self.file_id, uuid.uuid4().hex)
        upload = PendingUpload(self.store, self.bucket, key, generation=0, fingerprint="staging")
        try:
            with UploadWriter(upload, self.loop) as writer:
                for chunk in chunks:
                    if writer.tell() + len(chunk) > MOST_BYTES:
                        raise StagingTooLarge(f"an inner archive is larger than {MOST_BYTES} bytes")
                    writer.write(chunk)
            run_on_loop(upload.seal(), self.loop)
            run_on_loop(upload.complete(), self.loop)
            info = run_on_loop(self.store.head(self.bucket, key), self.loop)
            if info is None:
                raise ObjectVanished("an inner archive was cleared away while it was held")
            yield _reader(self.store, self.loop, info)
        finally:
            run_on_loop(self._remove(upload, key), self.loop)

    async def _remove(self, upload: PendingUpload, key: str) -> None:
        await upload.abort()
        info = await self.store.head(self.bucket, key)
        if info is not None:
            # By version: plaintext must not linger as a noncurrent version.
            await self.store.delete(self.bucket, key, info.version_id)


def _reader(store: ObjectStore, loop: asyncio.AbstractEventLoop, info: ObjectInfo) -> BinaryIO:
    reader = ObjectReader(store, loop, info.bucket, info.key, info.size, info.version_id)
    return cast("BinaryIO", reader)
