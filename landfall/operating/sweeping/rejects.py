"""Rejected rows that nobody needs any more: personal data in the clear beside what the manifest lists."""

from __future__ import annotations

from itertools import groupby

from landfall.operating.finding import file_id_in
from landfall.operating.states import FileState, state_of
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.stillness import is_at_rest, is_unchanged
from shared.manifests import NormalizeManifest
from shared.stages import Stage


async def sweep_quarantine(tools: Tools) -> list[Finding]:
    """Rejected rows that the newest normalize manifest of their file does not list.

    Where no run has succeeded, or a later one is at work or has failed, all stay: somebody may need them.
    """
    items = [item async for item in tools.store.list(tools.bucket, "quarantine/")]
    found: list[Finding] = []
    for file_id, group in groupby(items, lambda item: file_id_in(item.key)):
        of_file = [item.key for item in group if item.last_modified < tools.left_before]
        state = await state_of(tools.store, tools.bucket, file_id) if file_id and of_file else None
        manifest = await _newest(tools, state) if state and is_at_rest(tools, state) else None
        if state is not None and manifest is not None:
            listed = manifest.listed()
            left = [key for key in of_file if (tools.bucket, key) not in listed]
            removed = [await _remove(tools, key, state) for key in left]
            found += [finding for finding in removed if finding is not None]
    return found


async def _newest(tools: Tools, state: FileState) -> NormalizeManifest | None:
    record = state.success(Stage.NORMALIZE)
    if record is None or (record.name.generation < state.generation and state.status != "done"):
        return None
    body = await tools.store.read(tools.bucket, record.key)
    manifest = None if body is None else NormalizeManifest.model_validate_json(body)
    # A manifest that was copied from another deployment lists objects of that one's bucket.
    return manifest if manifest is not None and manifest.file.bucket == tools.bucket else None


async def _remove(tools: Tools, key: str, state: FileState) -> Finding | None:
    if tools.fix:
        if not await is_unchanged(tools, state.file_id, state):
            return None
        await tools.store.expunge(tools.bucket, key, state.generation)
    return Finding(
        Kind.ORPHAN_IN_QUARANTINE,
        f"s3://{tools.bucket}/{key}",
        "no manifest lists it",
        state.file_id,
        "deleted" if tools.fix else None,
    )
