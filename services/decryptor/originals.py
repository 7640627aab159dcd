"""Finding the bytes of a landed version: in landing/, or in archive/ once it was moved there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from botocore.exceptions import ClientError

from services.decryptor.formats.s3ec_metadata import is_instruction, may_be_instruction_file
from shared.aws.faults import is_missing
from shared.errors import (
    FileNotRecorded,
    GenerationNotOpened,
    LandingGone,
    MessageContradicted,
    Unversioned,
    WrongBucket,
)
from shared.events import ReplayRequested
from shared.identity import LandedFile, file_id
from shared.layout import LANDING, failure_key, manifest_key, manifest_prefix
from shared.lineage import read_opening, recorded, require_same
from shared.manifests import DecryptManifest, FailureManifest
from shared.messages import LandingNotice, Skipped
from shared.objects.store import ObjectInfo, ObjectStore
from shared.originals import locate
from shared.stages import Stage

_UPLOAD_DAYS = 7  # a multipart upload counts as landed when it began; ours are given up after this long


async def is_instruction_file(store: ObjectStore, file: LandedFile, metadata: Mapping[str, str]) -> bool:
    """Whether a landed version holds nothing but the wrapped key of the object beside it.

    Its name or metadata may say so of any file, so the content is read then. A version that is gone is none.
    """
    if not may_be_instruction_file(file.key, file.size, metadata) or not file.size:
        return False
    try:
        content = await store.read_range(file.bucket, file.key, 0, file.size, file.version_id)
    except ClientError as error:
        if is_missing(error):
            return False
        raise
    return is_instruction(content)


@dataclass(frozen=True, slots=True)
class Originals:
    """The landing/ and archive/ folders of the ingest bucket."""

    store: ObjectStore
    bucket: str

    async def identify(self, notice: LandingNotice) -> LandingNotice | Skipped:
        """The notice with the identity of its file by S3's own record of the version, unless nothing is to
        be done: an instruction file is read together with the object it belongs to, and stays beside it.

        Raises:
            WrongBucket: it is not under the ingest bucket's landing/.
            Unversioned: nothing would tell it from what overwrites it.
            LandingGone: the version does not exist, and no manifest tells that it was worked on.
            MessageContradicted: S3 gives the version another id.
        """
        file = notice.file
        if file.bucket != self.bucket or not file.key.startswith(LANDING):
            raise WrongBucket("a notification is about an object outside the ingest bucket's landing/")
        if not file.has_own_version:
            raise Unversioned("the landed object has no version of its own")
        info = await self.store.head(file.bucket, file.key, file.version_id)
        if info is None:
            return replace(notice, file=await self._known(file))
        self._require_version(file, info)
        known = file.model_copy(update={"size": info.size, "landed_at": info.last_modified})
        if await is_instruction_file(self.store, known, info.metadata):
            return Skipped("instruction file of the S3 Encryption Client")
        return replace(notice, file=known)

    async def confirm(self, replay: ReplayRequested) -> ReplayRequested:
        """The request, once S3 or the file's records have confirmed what it says of the file.

        Raises:
            MessageContradicted: they say otherwise.
            GenerationNotOpened: no operator has opened the generation.
            FileNotRecorded: the version is not in landing/, and nothing is recorded of it.
        """
        file = replay.file
        if replay.generation:
            opened = await read_opening(self.store, file, replay.generation)
            if opened is None:
                raise GenerationNotOpened(
                    f"generation {replay.generation} of {file.file_id} was never opened"
                )
            require_same(file, opened.file)
            return replay
        info = await self.store.head(file.bucket, file.key, file.version_id)
        if info is None:  # moved, or gone: the id covers bucket, key, version and day
            await self._require_recorded(file)
            return replay
        self._require_version(file, info)
        by_s3 = file.model_copy(update={"size": info.size, "landed_at": info.last_modified})
        # Listings may give fractions of a second, which HEAD does not; the day they never change.
        is_near = abs(by_s3.landed_at - file.landed_at) < timedelta(seconds=1)
        if by_s3.size != file.size or by_s3.file_id != file.file_id or not is_near:
            raise MessageContradicted(f"a message describes {file.file_id} otherwise than S3 does")
        return replay

    async def _require_recorded(self, file: LandedFile) -> None:
        """Insist that a version that is not in landing/ is as this stage has recorded it."""
        ours = [name for name in await recorded(self.store, file) if name.stage is Stage.DECRYPT]
        if not ours:
            raise FileNotRecorded(f"no stage has recorded anything of {file.file_id}")
        any_one = ours[0]
        if any_one.failure:
            key = failure_key(file.file_id, Stage.DECRYPT, any_one.generation, any_one.failure)
        else:
            key = manifest_key(file.file_id, Stage.DECRYPT, any_one.generation)
        body = await self.store.read(file.bucket, key)
        if body is None:
            raise FileNotRecorded(f"the record of {file.file_id} is gone")
        record: type[DecryptManifest | FailureManifest] = (
            FailureManifest if any_one.failure else DecryptManifest
        )
        require_same(file, record.model_validate_json(body).file)

    @staticmethod
    def _require_version(file: LandedFile, info: ObjectInfo) -> None:
        """Insist that S3 has looked at the very version: to an id that it does not take for one, it may
        answer with another, and the file would have a second identity.
        """
        if info.version_id is not None and info.version_id != file.version_id:
            raise MessageContradicted("a message names a version otherwise than S3 does")

    async def locate(self, file: LandedFile) -> ObjectInfo:
        """Where the version's bytes are now, pinned.

        Raises:
            LandingGone: neither landing/ nor archive/ holds it.
        """
        info = await locate(self.store, file, file.key, file.version_id)
        if info is None:
            raise LandingGone("neither landing/ nor archive/ holds the landed version")
        return info

    async def _known(self, file: LandedFile) -> LandedFile:
        """The file as an earlier run recorded it: a late duplicate arrives after the archiver moved it."""
        for days in range(_UPLOAD_DAYS + 1):
            day = (file.landed_at - timedelta(days=days)).date()
            prefix = manifest_prefix(file_id(file.bucket, file.key, file.version_id, day))
            async for item in self.store.list(file.bucket, f"{prefix}decrypt."):
                if item.key.removeprefix(f"{prefix}decrypt.").partition(".")[2] == "json":
                    body = await self.store.read(file.bucket, item.key)
                    if body is not None:
                        return DecryptManifest.model_validate_json(body).file
        raise LandingGone("the landed version no longer exists")
