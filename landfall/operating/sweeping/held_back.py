"""Rows of snapshots that the cataloger held back, and that nobody has accepted in a long time."""

from __future__ import annotations

from landfall.operating.held_back import was_held_back
from landfall.operating.states import FileState
from landfall.operating.survey import survey
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.stillness import is_at_rest, is_unchanged
from services.cataloger.standing import standings
from shared.manifests import CuratedObject, NormalizeManifest
from shared.stages import Stage


async def sweep_held_back(tools: Tools) -> list[Finding]:
    """Look at every file that failed because a snapshot of it was held back.

    Its objects are those that no table shows: another snapshot of the same file may be the current one.
    """
    files = await survey(tools.store, tools.bucket, tools.days)
    # Also those whose failure an operator has closed since: their rows are wanted even less.
    states = [state for state in (*files.states, *files.unfinished_before) if is_at_rest(tools, state)]
    refused = [state for state in states if await was_held_back(tools.store, tools.bucket, state)]
    shown = await _shown(tools) if refused else frozenset()
    found = [
        await _remove(tools, state, curated)
        for state in refused
        for curated in await _snapshots(tools, state)
        if curated.location.rstrip("/") not in shown
    ]
    return [finding for finding in found if finding is not None]


async def _snapshots(tools: Tools, state: FileState) -> list[CuratedObject]:
    record = state.success(Stage.NORMALIZE)
    body = await tools.store.read(tools.bucket, record.key) if record else None
    curated = () if body is None else NormalizeManifest.model_validate_json(body).curated
    ours = tools.deployment.curated_bucket
    return [each for each in curated if each.mode == "snapshot" and each.object.bucket == ours]


async def _shown(tools: Tools) -> frozenset[str]:
    """The locations of all current snapshots, by the registers of their tables."""
    pages = tools.glue.get_paginator("get_tables").paginate(DatabaseName=tools.deployment.database)
    return frozenset(
        [
            standing.location.rstrip("/")
            async for page in pages
            for table in page["TableList"]
            for standing in standings(table.get("Parameters", {}))
        ]
    )


async def _remove(tools: Tools, state: FileState, curated: CuratedObject) -> Finding | None:
    bucket, key = curated.object.bucket, curated.object.key
    if not await tools.store.holds_any(bucket, key):  # went with a newer snapshot, or by an earlier sweep
        return None
    if tools.fix:
        if not await is_unchanged(tools, state.file_id, state):
            return None
        await tools.store.expunge(bucket, key, state.generation)
    return Finding(
        Kind.HELD_BACK_SNAPSHOT,
        f"s3://{bucket}/{key}",
        f"a snapshot of {curated.dataset} that was held back, and not accepted since",
        state.file_id,
        "deleted" if tools.fix else None,
    )
