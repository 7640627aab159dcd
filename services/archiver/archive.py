"""Moving originals to archive/: copy inside S3, compare, and only then delete exactly that version."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from services.archiver.comparing import READ_TO_COMPARE_BYTES, Comparer, compared_by_size
from services.archiver.errors import CopyDiffers, OriginalGone
from shared.concurrency import for_each
from shared.identity import LandedFile
from shared.layout import archive_key, raw_prefix
from shared.manifests import ArchivedObject, ArchiveManifest, DecryptManifest, Notice, Original, StoredObject
from shared.objects.copying import Copier
from shared.objects.sameness import SIZE_ONLY
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
class Kept:
    """What is in archive/ now; each copy of which only the size could be compared has a notice."""

    archived: tuple[ArchivedObject, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive/ folder of the ingest bucket.

    Originals of which S3 has no checksum are read to be compared, up to ``read_to_compare_bytes`` each.
    """

    store: ObjectStore
    copier: Copier
    raw_members: RawMembers = RawMembers.ARCHIVE
    read_to_compare_bytes: int = READ_TO_COMPARE_BYTES

    async def keep(self, file: LandedFile, decrypted: DecryptManifest) -> Kept:
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
        return Kept(
            archived=tuple(archived for archived, _ in kept),
            notices=tuple(notice for _, notice in kept if notice is not None),
        )

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

    async def _keep(self, file_id: str, original: _Candidate) -> tuple[ArchivedObject, Notice | None]:
        target = archive_key(file_id, original.kind, original.key)
        source = await self.store.describe(original.bucket, original.key, original.version_id)
        copy = await self.store.describe(original.bucket, target)
        if source is None:
            if copy is None or copy.size != original.size:
                raise OriginalGone(f"an original under {original.kind}/ no longer exists")
            # Nothing is deleted here; the run that did it told by what it had compared the two.
            return _archived(original, None, copy, SIZE_ONLY), None
        compare = Comparer(self.store, source, original.sha256, self.read_to_compare_bytes)
        known = await compare.proof(copy) if copy else None
        if copy is None or known in (None, SIZE_ONLY):
            await self.copier.copy(source, target, sha256_is_known=original.sha256 is not None)
            copy = await self.store.describe(original.bucket, target)
            known = await compare.proof(copy) if copy else None
        if copy is None or known is None:
            raise CopyDiffers(f"the copy of an original under {original.kind}/ differs from it")
        notice = compared_by_size(original.kind, copy.size) if known == SIZE_ONLY else None
        return _archived(original, source, copy, known), notice


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
