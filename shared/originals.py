"""Finding the bytes of an original: where it was put, or in archive/ once the archiver moved it there."""

from __future__ import annotations

from dataclasses import replace

from shared.concurrency import for_each
from shared.identity import LandedFile
from shared.lineage import generations_of, read_manifest, recorded
from shared.manifests import ArchiveManifest, DecryptManifest, RawMember, StoredObject
from shared.objects.store import ObjectInfo, ObjectStore
from shared.stages import Stage

_AT_ONCE = 8


async def locate(
    store: ObjectStore, file: LandedFile, key: str, version_id: str | None = None
) -> ObjectInfo | None:
    """Where the bytes of one of a file's originals are now, pinned to their version; None where nowhere.

    Args:
        store: Where to look.
        file: The landed version that the original is, or was made from.
        key: The original's own key, under landing/ or raw/.
        version_id: Which version of it; the current one where none is given.
    """
    info = await store.head(file.bucket, key, version_id)
    if info is not None:
        return info if version_id is None else replace(info, version_id=version_id)
    for generation in generations_of(await recorded(store, file), Stage.ARCHIVE):
        manifest = await read_manifest(store, file, ArchiveManifest, generation)
        for each in manifest.archived if manifest else ():
            if each.source_key == key and version_id in (None, each.source_version):
                info = await store.head(each.object.bucket, each.object.key)
                if info is not None:
                    return info
    return None


async def where_they_are(store: ObjectStore, decrypted: DecryptManifest) -> DecryptManifest:
    """A decrypt manifest whose members lie where they can be read today.

    What is found nowhere keeps its place under raw/: reading it then says that it vanished.
    """
    file = decrypted.file
    members = await for_each(decrypted.members, lambda each: _where_it_is(store, file, each), _AT_ONCE)
    return decrypted.model_copy(update={"members": tuple(members)})


async def _where_it_is(store: ObjectStore, file: LandedFile, member: RawMember) -> RawMember:
    info = await locate(store, file, member.object.key)
    if info is None:
        return member
    place = StoredObject(bucket=info.bucket, key=info.key, size=info.size, etag=info.etag)
    return member.model_copy(update={"object": place})
