"""A versioned, conditional, multipart S3 in memory, behind the client methods that the services call."""

from __future__ import annotations

import base64
import hashlib
import itertools
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError

from shared.objects.store import ObjectStore

_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
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
    checksum: str = "CRC64NVME"
    """The algorithm; S3 makes this one of whatever was sent without any."""
    is_composite: bool = False
    """Whether that checksum is one of the parts' checksums, and not over the whole."""
    headers: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Multipart:
    """An upload that is still open."""

    key: tuple[str, str]
    metadata: dict[str, str]
    initiated: datetime
    options: dict[str, Any] = field(default_factory=dict)
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

    def change_newest(self, bucket: str, key: str, **changes: Any) -> Version:
        """Have the newest version of a key been put with something else as well."""
        versions = self.versions[bucket, key]
        versions[-1] = replace(versions[-1], **changes)
        return versions[-1]

    async def head_object(
        self, *, Bucket: str, Key: str, VersionId: str | None = None, ChecksumMode: str | None = None
    ) -> Any:
        version = self._find("HeadObject", Bucket, Key, VersionId, missing="404")
        return {
            "ContentLength": len(version.body),
            "ETag": version.etag,
            "LastModified": version.last_modified,
            "VersionId": version.version_id,
            "Metadata": version.metadata,
            **version.headers,
            **(_checksum(version) if ChecksumMode else {}),
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
        answer: dict[str, Any] = {
            "Body": Body(version.body),
            "LastModified": version.last_modified,
            "ETag": version.etag,
        }
        if Range is not None:
            first, _, last = Range.removeprefix("bytes=").partition("-")
            answer |= {"Body": Body(version.body[int(first) : int(last) + 1]), "ContentRange": Range}
        return answer

    async def put_object(self, *, Bucket: str, Key: str, Body: bytes, **options: Any) -> Any:
        _check_length("PutObject", Key)
        self._check_condition("PutObject", Bucket, Key, options)
        return _answer(self.put(Bucket, Key, Body, options.get("Metadata")))

    async def create_multipart_upload(
        self,
        *,
        Bucket: str,
        Key: str,
        Metadata: dict[str, str],
        **options: Any,
    ) -> Any:
        tick = next(self._ticks)
        upload_id = f"u{tick}"
        self.uploads[upload_id] = Multipart((Bucket, Key), Metadata, EPOCH + timedelta(seconds=tick), options)
        return {"UploadId": upload_id}

    async def upload_part(self, *, UploadId: str, PartNumber: int, Body: bytes, **_: Any) -> Any:
        self._upload("UploadPart", UploadId).parts[PartNumber] = Body
        return {"ETag": f'"part-{PartNumber}"'}

    async def upload_part_copy(
        self, *, UploadId: str, PartNumber: int, CopySource: dict[str, str], CopySourceRange: str, **_: Any
    ) -> Any:
        source = self._source("UploadPartCopy", CopySource)
        first, last = map(int, CopySourceRange.removeprefix("bytes=").split("-"))
        part = source.body[first : last + 1]
        self._upload("UploadPartCopy", UploadId).parts[PartNumber] = part
        return {"CopyPartResult": {"ETag": f'"part-{PartNumber}"'}}

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
        self.put(Bucket, Key, body, upload.metadata)
        return _answer(
            self.change_newest(
                Bucket,
                Key,
                checksum=upload.options.get("ChecksumAlgorithm", "CRC64NVME"),
                is_composite=upload.options.get("ChecksumType") == "COMPOSITE",
                headers={name: upload.options[name] for name in _HEADERS if name in upload.options},
                tags=dict(parse_qsl(upload.options.get("Tagging", ""), keep_blank_values=True)),
            )
        )

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

    async def copy_object(
        self,
        *,
        Bucket: str,
        Key: str,
        CopySource: dict[str, str],
        ChecksumAlgorithm: str | None = None,
        **_: Any,
    ) -> Any:
        source = self._source("CopyObject", CopySource)
        self.put(Bucket, Key, source.body, source.metadata)
        copied = self.change_newest(
            Bucket,
            Key,
            checksum=ChecksumAlgorithm or source.checksum,
            headers=source.headers,
            tags=source.tags,
        )
        return {"CopyObjectResult": {"ETag": copied.etag}, "VersionId": copied.version_id}

    async def get_object_tagging(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> Any:
        tags = self._find("GetObjectTagging", Bucket, Key, VersionId, missing="NoSuchKey").tags
        return {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}

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
        _check_length("ListObjectsV2", Prefix)
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
        _check_length(call, key)
        versions = self.versions.get((bucket, key), [])
        wanted = [v for v in versions if version_id in (None, v.version_id)]
        if not _shown(wanted):
            raise failure(call, missing, 404)
        return wanted[-1]

    def _source(self, call: str, copy: dict[str, str]) -> Version:
        return self._find(call, copy["Bucket"], copy["Key"], copy.get("VersionId"), "NoSuchKey")

    def _check_condition(self, call: str, bucket: str, key: str, options: dict[str, Any]) -> None:
        if key.startswith("manifests/") and "IfNoneMatch" not in options:
            raise failure(call, "AccessDenied", 403)  # by the ingest bucket's policy
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


def _check_length(call: str, key: str) -> None:
    """S3 takes 1,024 bytes of UTF-8; the answer to HEAD has no body to say so."""
    if len(key.encode()) > 1_024:
        raise failure(call, "400" if call == "HeadObject" else "KeyTooLongError", 400)


def _shown(versions: list[Version]) -> bool:
    """Whether a key has a current object: any version, and no delete marker on top."""
    return bool(versions) and not versions[-1].is_marker


def _checksum(version: Version) -> dict[str, str]:
    """The one checksum that S3 has of an object, as HEAD tells it."""
    sums = {
        "CRC32": lambda: zlib.crc32(version.body).to_bytes(4),
        "CRC64NVME": lambda: _crc64nvme(version.body).to_bytes(8),
        "SHA256": lambda: hashlib.sha256(version.body).digest(),
    }
    value = base64.b64encode(sums[version.checksum]()).decode()
    if version.is_composite:
        return {f"Checksum{version.checksum}": f"{value}-2", "ChecksumType": "COMPOSITE"}
    return {f"Checksum{version.checksum}": value, "ChecksumType": "FULL_OBJECT"}


def _crc64nvme(body: bytes) -> int:
    """CRC-64/NVME, bit by bit: reflected, all ones before and after; 0xae8b14860a799888 of ``123456789``."""
    crc = ~0 & 0xFFFF_FFFF_FFFF_FFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x9A6C_9329_AC4B_C9B5 if crc & 1 else 0)
    return crc ^ 0xFFFF_FFFF_FFFF_FFFF


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
