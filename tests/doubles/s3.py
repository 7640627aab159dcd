"""A versioned, conditional, multipart S3 in memory, behind the client methods that the services call."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, cast

from botocore.exceptions import ClientError

from shared.objects.store import ObjectStore

EPOCH = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one object."""

    version_id: str
    body: bytes
    etag: str
    last_modified: datetime
    metadata: dict[str, str]
    is_marker: bool = False


@dataclass(slots=True)
class Multipart:
    """An upload that is still open."""

    key: tuple[str, str]
    metadata: dict[str, str]
    initiated: datetime
    parts: dict[int, bytes] = field(default_factory=dict)


class Body:
    """What GetObject returns as its body."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def read(self) -> bytes:
        return self._content


class InMemoryS3:
    """Give it to an :class:`ObjectStore` by :meth:`store`; look at ``objects`` and ``uploads`` afterwards."""

    def __init__(self) -> None:
        self.versions: dict[tuple[str, str], list[Version]] = defaultdict(list)
        self.uploads: dict[str, Multipart] = {}
        self._ticks = itertools.count(1)

    def store(self) -> ObjectStore:
        return ObjectStore(cast("Any", self))

    @property
    def objects(self) -> dict[tuple[str, str], bytes]:
        """Bucket and key to the current content."""
        return {name: versions[-1].body for name, versions in self.versions.items() if _shown(versions)}

    def put(self, bucket: str, key: str, body: bytes, metadata: dict[str, str] | None = None) -> Version:
        tick = next(self._ticks)
        version = Version(
            version_id=f"v{tick}",
            body=body,
            etag=f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}-{tick}"',
            last_modified=EPOCH + timedelta(seconds=tick),
            metadata=metadata or {},
        )
        self.versions[bucket, key].append(version)
        return version

    async def head_object(
        self, *, Bucket: str, Key: str, VersionId: str | None = None, ChecksumMode: str | None = None
    ) -> Any:
        version = self._find("HeadObject", Bucket, Key, VersionId, missing="404")
        checksum = base64.b64encode(hashlib.sha256(version.body).digest()).decode()
        return {
            "ContentLength": len(version.body),
            "ETag": version.etag,
            "LastModified": version.last_modified,
            "VersionId": version.version_id,
            "Metadata": version.metadata,
            **({"ChecksumSHA256": checksum} if ChecksumMode else {}),
        }

    async def get_object(
        self,
        *,
        Bucket: str,
        Key: str,
        VersionId: str | None = None,
        Range: str | None = None,
    ) -> Any:
        version = self._find("GetObject", Bucket, Key, VersionId, missing="NoSuchKey")
        answer: dict[str, Any] = {"Body": Body(version.body), "LastModified": version.last_modified}
        if Range is not None:
            first, _, last = Range.removeprefix("bytes=").partition("-")
            answer |= {"Body": Body(version.body[int(first) : int(last) + 1]), "ContentRange": Range}
        return answer

    async def put_object(self, *, Bucket: str, Key: str, Body: bytes, **options: Any) -> Any:
        self._check_condition("PutObject", Bucket, Key, options)
        return _answer(self.put(Bucket, Key, Body, options.get("Metadata")))

    async def create_multipart_upload(
        self,
        *,
        Bucket: str,
        Key: str,
        Metadata: dict[str, str],
    ) -> Any:
        tick = next(self._ticks)
        upload_id = f"u{tick}"
        self.uploads[upload_id] = Multipart((Bucket, Key), Metadata, EPOCH + timedelta(seconds=tick))
        return {"UploadId": upload_id}

    async def upload_part(self, *, UploadId: str, PartNumber: int, Body: bytes, **_: Any) -> Any:
        self._upload("UploadPart", UploadId).parts[PartNumber] = Body
        return {"ETag": f'"part-{PartNumber}"'}

    async def complete_multipart_upload(
        self,
        *,
        Bucket: str,
        Key: str,
        UploadId: str,
        **options: Any,
    ) -> Any:
        upload = self._upload("CompleteMultipartUpload", UploadId)
        self._check_condition("CompleteMultipartUpload", Bucket, Key, options)
        numbers = [part["PartNumber"] for part in options["MultipartUpload"]["Parts"]]
        body = b"".join(upload.parts[number] for number in numbers)
        del self.uploads[UploadId]
        return _answer(self.put(Bucket, Key, body, upload.metadata))

    async def abort_multipart_upload(self, *, UploadId: str, **_: Any) -> Any:
        self._upload("AbortMultipartUpload", UploadId)
        del self.uploads[UploadId]
        return {}

    async def delete_object(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> Any:
        versions = self.versions[Bucket, Key]
        if VersionId is None:
            marker = self.put(Bucket, Key, b"")
            versions[-1] = replace(marker, is_marker=True)
        else:
            versions[:] = [version for version in versions if version.version_id != VersionId]
        return {}

    async def copy_object(self, *, Bucket: str, Key: str, CopySource: dict[str, str], **_: Any) -> Any:
        source = self._find(
            "CopyObject", CopySource["Bucket"], CopySource["Key"], CopySource.get("VersionId"), "NoSuchKey"
        )
        copied = self.put(Bucket, Key, source.body, source.metadata)
        return {"CopyObjectResult": {"ETag": copied.etag}, "VersionId": copied.version_id}

    async def get_bucket_versioning(self, *, Bucket: str) -> Any:
        return {"Status": "Enabled"}

    async def list_objects_v2(self, *, Bucket: str, Prefix: str, MaxKeys: int) -> Any:
        found = [
            item async for page in self.paginate(Bucket=Bucket, Prefix=Prefix) for item in page["Contents"]
        ]
        return {"Contents": found[:MaxKeys]} if found else {}

    def get_paginator(self, operation: str) -> Any:
        if operation == "list_objects_v2":
            return self
        return {"list_object_versions": _VersionPages, "list_multipart_uploads": _UploadPages}[operation](
            self
        )

    async def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str = "") -> AsyncIterator[Any]:
        if Delimiter:
            below = {
                Prefix + key.removeprefix(Prefix).partition(Delimiter)[0] + Delimiter
                for (bucket, key), versions in self.versions.items()
                if bucket == Bucket and key.startswith(Prefix) and _shown(versions)
            }
            yield {"CommonPrefixes": [{"Prefix": each} for each in sorted(below)]}
            return
        for (bucket, key), versions in sorted(self.versions.items()):
            if bucket == Bucket and key.startswith(Prefix) and _shown(versions):
                last = versions[-1]
                item = {
                    "Key": key,
                    "Size": len(last.body),
                    "ETag": last.etag,
                    "LastModified": last.last_modified,
                }
                yield {"Contents": [item]}

    def _find(self, call: str, bucket: str, key: str, version_id: str | None, missing: str) -> Version:
        versions = self.versions.get((bucket, key), [])
        wanted = [v for v in versions if version_id in (None, v.version_id)]
        if not _shown(wanted):
            raise failure(call, missing, 404)
        return wanted[-1]

    def _check_condition(self, call: str, bucket: str, key: str, options: dict[str, Any]) -> None:
        versions = self.versions.get((bucket, key), [])
        if options.get("IfNoneMatch") == "*" and _shown(versions):
            raise failure(call, "PreconditionFailed", 412)
        if "IfMatch" in options and (not _shown(versions) or versions[-1].etag != options["IfMatch"]):
            raise failure(call, "PreconditionFailed", 412)

    def _upload(self, call: str, upload_id: str) -> Multipart:
        if upload_id not in self.uploads:
            raise failure(call, "NoSuchUpload", 404)
        return self.uploads[upload_id]


class _VersionPages:
    """The paginator of ListObjectVersions: a page a key, its newest version first."""

    def __init__(self, s3: InMemoryS3) -> None:
        self._s3 = s3

    async def paginate(self, *, Bucket: str, Prefix: str) -> AsyncIterator[Any]:
        for (bucket, key), versions in sorted(self._s3.versions.items()):
            if bucket == Bucket and key.startswith(Prefix):
                yield {
                    kind: [
                        {
                            "Key": key,
                            "VersionId": version.version_id,
                            "Size": len(version.body),
                            "LastModified": version.last_modified,
                            "IsLatest": version is versions[-1],
                        }
                        for version in reversed(versions)
                        if version.is_marker == is_marker
                    ]
                    for kind, is_marker in (("Versions", False), ("DeleteMarkers", True))
                }


class _UploadPages:
    """The paginator of ListMultipartUploads."""

    def __init__(self, s3: InMemoryS3) -> None:
        self._s3 = s3

    async def paginate(self, *, Bucket: str, Prefix: str = "") -> AsyncIterator[Any]:
        uploads = [
            {"Key": upload.key[1], "UploadId": upload_id, "Initiated": upload.initiated}
            for upload_id, upload in self._s3.uploads.items()
            if upload.key[0] == Bucket and upload.key[1].startswith(Prefix)
        ]
        yield {"Uploads": uploads} if uploads else {}


def _shown(versions: list[Version]) -> bool:
    """Whether a key has a current object: any version, and no delete marker on top."""
    return bool(versions) and not versions[-1].is_marker


def _answer(version: Version) -> dict[str, str]:
    return {"ETag": version.etag, "VersionId": version.version_id}


def failure(call: str, code: str, status: int) -> ClientError:
    """An AWS error as botocore raises it."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": code},
            "ResponseMetadata": cast("Any", {"HTTPStatusCode": status}),
        },
        call,
    )
