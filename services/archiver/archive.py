"""Moving originals to archive/: copy inside S3, compare, and only then delete exactly that version."""

from __future__ import annotations

from dataclasses import dataclass

from services.archiver.errors import CopyDiffers, OriginalGone
from shared.identity import LandedFile
from shared.layout import archive_prefix
from shared.manifests import ArchivedObject, ArchiveManifest, DecryptManifest, StoredObject
from shared.objects.copying import copy_object
from shared.objects.store import ObjectInfo, ObjectStore

_NAME_BYTES = 200  # the whole key must stay under S3's 1,024 bytes whatever the original was called


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive/ folder of the ingest bucket."""

    store: ObjectStore

    async def keep(
        self, file: LandedFile, decrypted: DecryptManifest, before: ArchiveManifest | None
    ) -> tuple[ArchivedObject, ...]:
        """Copy the landed version and its raw members to archive/.

        Args:
            file: The landed version.
            decrypted: Lists the raw members.
            before: The archive manifest of an earlier generation; its landing original is already here.

        Raises:
            OriginalGone: an original no longer exists.
            CopyDiffers: a copy is not what was copied.
        """
        landed = _landing_copy(before)
        if landed is None:
            landed = await self._copy(file.bucket, file.key, file.version_id, file.file_id, "landing")
        members = [
            await self._copy(each.object.bucket, each.object.key, None, file.file_id, "raw")
            for each in decrypted.members
        ]
        return (landed, *members)

    async def remove_originals(self, manifest: ArchiveManifest) -> None:
        """Delete what the manifest says is archived: the landed version by its id, raw members by key."""
        for each in manifest.archived:
            await self.store.delete(each.object.bucket, each.source_key, each.source_version)

    async def _copy(
        self, bucket: str, key: str, version: str | None, file_id: str, kind: str
    ) -> ArchivedObject:
        target = archive_prefix(file_id, kind) + bounded_name(key)
        original = await self.store.head(bucket, key, version)
        copied = await self.store.head(bucket, target) if original is None else None
        if original is None and copied is None:
            raise OriginalGone(f"an original under {kind}/ no longer exists")
        if original is not None:
            await copy_object(self.store, original, target)
            copied = await self.store.head(bucket, target)
            if copied is None or copied.size != original.size:
                raise CopyDiffers(f"the copy of an original under {kind}/ has another size")
        return ArchivedObject(source_key=key, source_version=version, object=_stored(copied))


def bounded_name(key: str) -> str:
    """The last part of a key, cut to a length that no legal key overflows; its suffix is kept."""
    name = key.rpartition("/")[2] or "object"
    encoded = name.encode()
    if len(encoded) <= _NAME_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    tail = (dot + suffix) if stem and len(suffix) <= 10 else ""
    head = encoded[: _NAME_BYTES - len(tail.encode())].decode(errors="ignore")
    return head + tail


def _landing_copy(before: ArchiveManifest | None) -> ArchivedObject | None:
    if before is None:
        return None
    return next((each for each in before.archived if each.source_version is not None), None)


def _stored(info: ObjectInfo | None) -> StoredObject:
    assert info is not None  # noqa: S101 - both callers' paths have looked
    return StoredObject(bucket=info.bucket, key=info.key, size=info.size, etag=info.etag)
