"""Which landed file a snapshot's folder, or an entry of the register, is about."""

from __future__ import annotations

from shared.identity import LandedFile
from shared.layout import manifest_prefix, parse_manifest_key
from shared.manifests import NormalizeManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage


async def landed_file(store: ObjectStore, bucket: str, file_id: str) -> LandedFile | None:
    """The file of that id by any of its normalize manifests in the ingest bucket; None where there is none.

    Raises:
        ValueError: the text is not a file id, or a manifest is damaged.
    """
    async for item in store.list(bucket, f"{manifest_prefix(file_id)}{Stage.NORMALIZE}."):
        name, body = parse_manifest_key(item.key), await store.read(bucket, item.key)
        if body is not None and name is not None and name.failure == 0:
            return NormalizeManifest.model_validate_json(body).file
    return None
