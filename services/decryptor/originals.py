"""Finding the bytes of a landed version: in landing/, or in archive/ once it was moved there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from shared.commit import read_manifest
from shared.errors import LandingGone, WrongBucket
from shared.identity import LandedFile, file_id
from shared.layout import LANDING, manifest_prefix
from shared.manifests import ArchiveManifest, DecryptManifest
from shared.messages import LandingNotice
from shared.objects.store import ObjectInfo, ObjectStore

_UPLOAD_DAYS = 7  # a multipart upload counts as landed when it began; ours are given up after this long


@dataclass(frozen=True, slots=True)
class Originals:
    """The landing/ and archive/ folders of the ingest bucket."""

    store: ObjectStore
    bucket: str

    async def identify(self, notice: LandingNotice) -> LandedFile:
        """The identity of what a notification is about, by S3's own record of the version.

        Raises:
            WrongBucket: it is not under the ingest bucket's landing/.
            LandingGone: the version does not exist, and no manifest tells that it was worked on.
        """
        file = notice.file
        if file.bucket != self.bucket or not file.key.startswith(LANDING):
            raise WrongBucket("a notification is about an object outside the ingest bucket's landing/")
        info = await self.store.head(file.bucket, file.key, file.version_id)
        if info is not None:
            return file.model_copy(update={"size": info.size, "landed_at": info.last_modified})
        known = await self._known(file)
        if known is None:
            raise LandingGone("the landed version no longer exists")
        return known

    async def locate(self, file: LandedFile, generation: int) -> ObjectInfo:
        """Where the version's bytes are now, pinned; under its landing key whatever folder it lies in.

        Raises:
            LandingGone: neither landing/ nor archive/ holds it.
        """
        info = await self.store.head(file.bucket, file.key, file.version_id)
        if info is not None:
            return replace(info, version_id=file.version_id)
        for before in reversed(range(generation)):
            archived = await read_manifest(self.store, file, ArchiveManifest, before)
            if archived is None:
                continue
            for each in archived.archived:
                if each.source_version == file.version_id:
                    info = await self.store.head(each.object.bucket, each.object.key)
                    if info is not None:
                        return info
        raise LandingGone("neither landing/ nor archive/ holds the landed version")

    async def _known(self, file: LandedFile) -> LandedFile | None:
        """The file as an earlier run recorded it: a late duplicate arrives after the archiver moved it."""
        for days in range(_UPLOAD_DAYS + 1):
            day = (file.landed_at - timedelta(days=days)).date()
            prefix = manifest_prefix(file_id(file.bucket, file.key, file.version_id, day))
            async for item in self.store.list(file.bucket, f"{prefix}decrypt."):
                if item.key.removeprefix(f"{prefix}decrypt.").partition(".")[2] == "json":
                    body = await self.store.read(file.bucket, item.key)
                    if body is not None:
                        return DecryptManifest.model_validate_json(body).file
        return None
