"""One upload that stays open until told to complete, and completes only under a condition."""

from __future__ import annotations

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from shared.aws.faults import AWS_ERRORS, is_missing, is_precondition
from shared.errors import UploadInterrupted
from shared.logs import get_logger
from shared.manifests import StoredObject
from shared.objects.bulk import Payload
from shared.objects.multipart import abort_upload, open_upload
from shared.objects.store import FINGERPRINT, GENERATION, ObjectInfo, ObjectStore, WriteCondition

if TYPE_CHECKING:
    from types_aiobotocore_s3.type_defs import CompletedPartTypeDef

log = get_logger()

PART_BYTES = 12 << 20
MOST_BYTES = 10_000 * PART_BYTES  # S3 takes no more parts: 117 GiB
_PARTS_IN_FLIGHT = 3
_SUMS = ThreadPoolExecutor(2, "checksum")  # as much work as decrypting: done beside it
_RACES = 5  # a condition can be lost only to another worker; more losses than this mean something else


@dataclass(frozen=True, slots=True)
class Written:
    """An output that is now in the bucket; ``foreign`` where another run's object was kept instead."""

    stored: StoredObject
    foreign: ObjectInfo | None = None


class PendingUpload:
    """Bytes on their way to one key. Nothing is visible there before :meth:`complete`.

    A small object is held in memory and put in one request; a larger one becomes a multipart upload. Use from
    the event loop; worker threads write through :class:`shared.objects.streams.UploadWriter`.
    """

    def __init__(self, store: ObjectStore, bucket: str, key: str, generation: int, fingerprint: str) -> None:
        self._client = store.client
        self._store = store
        self.bucket = bucket
        self.key = key
        self._generation = generation
        self._fingerprint = fingerprint
        self._metadata = {GENERATION: str(generation), FINGERPRINT: fingerprint}
        self._buffer = bytearray()
        self._digest = hashlib.sha256()
        self._summing: asyncio.Future[None] | None = None
        self._upload_id: str | None = None
        self._parts: list[asyncio.Task[CompletedPartTypeDef]] = []
        self._slots = asyncio.Semaphore(_PARTS_IN_FLIGHT)
        self._aborted = False
        self._spare: list[bytearray] = []
        self.size = 0

    @property
    def held_bytes(self) -> int:
        """Bytes kept in memory while the upload waits to be completed."""
        return len(self._buffer)

    async def write(self, data: Payload) -> None:
        """Take bytes; whole parts start uploading, and the call waits while too many are in flight.

        Data of exactly one part is not copied: leave it alone afterwards. :meth:`spare_memory` gives it back.

        Raises:
            UploadInterrupted: it was aborted; a worker thread that outlives its job must not reopen it.
        """
        await self._summed_up()
        if self._aborted:
            raise UploadInterrupted("the upload was given up while its content was still being made")
        self.size += len(data)
        if len(data) == PART_BYTES and not self._buffer:
            self._summing = asyncio.get_running_loop().run_in_executor(_SUMS, self._digest.update, data)
            await self._send(data, self._summing)
            return
        self._digest.update(data)
        self._buffer += data
        while len(self._buffer) >= PART_BYTES:
            await self._send_part(PART_BYTES)

    def spare_memory(self) -> bytearray:
        """Memory of one part that was sent and is not needed any more, or else an empty array."""
        return self._spare.pop() if self._spare else bytearray()

    async def flush_to_parts(self) -> None:
        """Hand what is held in memory to S3 now; the last part may be of any size."""
        if self._buffer:
            await self._send_part(len(self._buffer))

    async def seal(self) -> None:
        """No more bytes will come: wait until S3 has every part that was sent."""
        if self._upload_id is not None:
            await self.flush_to_parts()
        await asyncio.gather(*self._parts)
        await self._summed_up()
        self._spare.clear()

    async def complete(self) -> Written:
        """Make the object appear: if there is none, or in place of a lower generation's; else keep theirs.

        Raises:
            UploadInterrupted: the multipart upload was aborted by somebody else, or the upload was given up.
        """
        await self._summed_up()
        for _ in range(_RACES):
            existing = await self._store.head(self.bucket, self.key)
            if existing is not None and existing.generation >= self._generation:
                await self.abort()
                return self._adopt(existing)
            if (
                self._aborted
            ):  # what it held is gone: an object would appear that is empty, and whole by its name
                raise UploadInterrupted("the upload was given up while it was about to complete")
            condition: WriteCondition = (
                {"IfNoneMatch": "*"} if existing is None else {"IfMatch": existing.etag}
            )
            try:
                put = self._put if self._upload_id is None else self._finish
                etag, version_id = await put(condition)
            except ClientError as error:
                # Lost a race, or the answer to an earlier completion was lost: look again.
                if is_precondition(error) or is_missing(error):
                    continue
                raise
            stored = StoredObject(
                bucket=self.bucket,
                key=self.key,
                size=self.size,
                etag=etag,
                sha256=self._digest.hexdigest(),
                version_id=version_id,
            )
            return Written(stored)
        raise UploadInterrupted("an output's conditional write kept failing")

    async def abort(self) -> None:
        """Leave nothing behind: neither an object nor a dangling multipart upload.

        What S3 does not let go of now, the next run over the file does, or the bucket's lifecycle.
        """
        self._aborted = True
        for part in self._parts:
            part.cancel()
        await asyncio.gather(*self._parts, return_exceptions=True)
        self._buffer.clear()
        self._spare.clear()
        if self._upload_id is not None:
            upload_id, self._upload_id = self._upload_id, None
            try:
                await abort_upload(self._client, self.bucket, self.key, upload_id)
            except AWS_ERRORS as error:
                log.warning("upload_left_open", error_type=type(error).__name__)

    async def _summed_up(self) -> None:
        """Wait for the checksum of the part before: sums are taken in order."""
        if self._summing is not None:
            await self._summing

    async def _send_part(self, length: int) -> None:
        body = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        await self._send(body)

    async def _send(self, body: Payload, summing: asyncio.Future[None] | None = None) -> None:
        if self._upload_id is None:
            self._upload_id = await open_upload(
                self._client, {"Bucket": self.bucket, "Key": self.key, "Metadata": self._metadata}
            )
            if self._aborted:  # while S3 was opening it
                await self.abort()
                raise UploadInterrupted("the upload was given up while it was being opened")
        await self._slots.acquire()
        if self._aborted:  # while all slots were taken
            self._slots.release()
            raise UploadInterrupted("the upload was given up while a part waited to be sent")
        failed = next((p for p in self._parts if p.done() and p.exception() is not None), None)
        if failed is not None:
            self._slots.release()
            failed.result()
        self._parts.append(
            asyncio.create_task(self._upload_part(len(self._parts) + 1, body, self._upload_id, summing))
        )

    async def _upload_part(
        self, number: int, body: Payload, upload_id: str, summing: asyncio.Future[None] | None
    ) -> CompletedPartTypeDef:
        try:
            etag = await self._store.upload_part(self.bucket, self.key, upload_id, number, body)
        except ClientError as error:
            if is_missing(error):
                raise UploadInterrupted("somebody else aborted the upload") from None
            raise
        finally:
            self._slots.release()
        if summing is not None and isinstance(body, bytearray):
            await asyncio.wait([summing])
            self._spare.append(body)
        return {"PartNumber": number, "ETag": etag}

    async def _put(self, condition: WriteCondition) -> tuple[str, str | None]:
        answer = await self._client.put_object(
            Bucket=self.bucket, Key=self.key, Body=bytes(self._buffer), Metadata=self._metadata, **condition
        )
        return answer["ETag"], answer.get("VersionId")

    async def _finish(self, condition: WriteCondition) -> tuple[str, str | None]:
        assert self._upload_id is not None  # noqa: S101 - complete() chose this path by it
        answer = await self._client.complete_multipart_upload(
            Bucket=self.bucket,
            Key=self.key,
            UploadId=self._upload_id,
            MultipartUpload={"Parts": [part.result() for part in self._parts]},
            **condition,
        )
        return answer["ETag"], answer.get("VersionId")

    def _adopt(self, existing: ObjectInfo) -> Written:
        same_work = existing.fingerprint == self._fingerprint and existing.size == self.size
        stored = StoredObject(
            bucket=self.bucket,
            key=self.key,
            size=existing.size,
            etag=existing.etag,
            sha256=self._digest.hexdigest() if same_work else None,
            version_id=existing.version_id,
        )
        return Written(stored, foreign=None if same_work else existing)
