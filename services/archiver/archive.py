"""Moving originals to archive/: copy inside S3, compare, and only then delete exactly that version."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from services.archiver.errors import CopyDiffers, OriginalGone
from shared.concurrency import for_each
from shared.identity import LandedFile
from shared.layout import archive_key, raw_prefix
from shared.manifests import ArchivedObject, ArchiveManifest, DecryptManifest, Original, StoredObject
from shared.objects.copying import Copier
from shared.objects.sameness import SIZE_ONLY, proof_of_sameness
from shared.objects.store import ObjectInfo, ObjectStore

_AT_ONCE = 8  # objects of one file


class RawMembers(StrEnum):
    """What becomes of decrypted members once their rows are catalogued."""

    ARCHIVE = "archive"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What is to be moved, and what is known of it beforehand."""

    kind: Literal["landing", "raw"]
    bucket: str
    key: str
    version_id: str | None
    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive/ folder of the ingest bucket."""

    store: ObjectStore
    copier: Copier
    raw_members: RawMembers = RawMembers.ARCHIVE

    async def keep(self, file: LandedFile, decrypted: DecryptManifest) -> tuple[ArchivedObject, ...]:
        """Copy the landed version to archive/, and its raw members unless they are to be deleted.

        What an earlier run has copied already is only looked at.

        Raises:
            OriginalGone: an original exists neither where it was nor in archive/.
            CopyDiffers: a copy is not what was copied.
        """
        originals = [_Candidate("landing", file.bucket, file.key, file.version_id, file.size, None)]
        if self.raw_members is RawMembers.ARCHIVE:
            originals += [
                _Candidate("raw", raw.bucket, raw.key, None, raw.size, raw.sha256)
                for raw in decrypted.outputs()
            ]
        kept = await for_each(originals, lambda each: self._keep(file.file_id, each), _AT_ONCE)
        return tuple(kept)

    async def to_be_removed(self, decrypted: DecryptManifest) -> tuple[Original, ...]:
        """The raw members that are deleted without having been archived."""
        if self.raw_members is RawMembers.ARCHIVE:
            return ()
        raws = decrypted.outputs()
        found = await for_each(raws, lambda raw: self.store.head(raw.bucket, raw.key), _AT_ONCE)
        return tuple(Original(source_key=each.key, source_version=each.version_id) for each in found if each)

    async def remove_originals(self, manifest: ArchiveManifest) -> None:
        """Delete what the manifest says is archived or to be removed: exactly those versions."""
        bucket = manifest.file.bucket
        moved = (*manifest.archived, *manifest.removed)
        versions = [(each.source_key, each.source_version) for each in moved if each.source_version]
        await for_each(versions, lambda each: self.store.delete(bucket, *each), _AT_ONCE)
        if manifest.generation:
            # Below the members of this generation may lie those of an earlier one.
            async for item in self.store.list(bucket, raw_prefix(manifest.file.file_id)):
                await self.store.expunge(bucket, item.key, manifest.generation)

    async def _keep(self, file_id: str, original: _Candidate) -> ArchivedObject:
        target = archive_key(file_id, original.kind, original.key)
        source = await self.store.describe(original.bucket, original.key, original.version_id)
        copy = await self.store.describe(original.bucket, target)
        if source is None:
            if copy is None or copy.size != original.size:
                raise OriginalGone(f"an original under {original.kind}/ no longer exists")
            return _archived(original, None, copy, SIZE_ONLY)
        known = proof_of_sameness(source, copy, original.sha256) if copy else None
        if copy is None or known in (None, SIZE_ONLY):
            await self.copier.copy(source, target)
            copy = await self.store.describe(original.bucket, target)
            known = proof_of_sameness(source, copy, original.sha256) if copy else None
        if copy is None or known is None:
            raise CopyDiffers(f"the copy of an original under {original.kind}/ differs from it")
        return _archived(original, source, copy, known)


def _archived(
    original: _Candidate, source: ObjectInfo | None, copy: ObjectInfo, proof: str
) -> ArchivedObject:
    return ArchivedObject(
        source_key=original.key,
        source_version=original.version_id or (source.version_id if source else None),
        object=StoredObject(
            bucket=copy.bucket, key=copy.key, size=copy.size, etag=copy.etag, sha256=original.sha256
        ),
        compared=proof,
    )
