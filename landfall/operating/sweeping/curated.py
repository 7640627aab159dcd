"""The curated bucket against the manifests: rows nobody accounts for, rows that are gone.

All that landed on the days that are looked at; of files of other days what was written on those days, as by a
replay that died. Whatever is older than both has been looked at by the sweeps of its own time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from landfall.operating.finding import file_id_in
from landfall.operating.states import LISTINGS_AT_ONCE, FileState, states_of, states_of_days
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.stillness import is_at_rest, is_unchanged
from shared.concurrency import for_each
from shared.identity import landing_date_of
from shared.manifests import NormalizeManifest
from shared.objects.store import Listed
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class _Accounted:
    """What the newest normalize manifest of a file lists: key to whether its rows must be there."""

    state: FileState
    outputs: dict[str, bool]


async def sweep_curated(tools: Tools) -> list[Finding]:
    """Compare objects and manifests of each landing day, then all that was written since the first one."""
    found = [finding for day in tools.days for finding in await _sweep_day(tools, day)]
    return found + await _sweep_other_days(tools)


async def _sweep_day(tools: Tools, day: date) -> list[Finding]:
    objects = {item.key: item async for item in _objects_of(tools, day)}
    states = await states_of_days(tools.store, tools.bucket, [day])
    accounts = await for_each(states, lambda state: _account(tools, state), LISTINGS_AT_ONCE)
    listed = {key: must_be for account in accounts for key, must_be in account.outputs.items()}
    bucket = tools.deployment.curated_bucket
    return await _orphans(tools, objects.values(), accounts) + [
        Finding(
            Kind.MISSING_IN_CURATED,
            f"s3://{bucket}/{key}",
            "its manifest lists it, and it is gone",
            file_id_in(key),
        )
        for key, must_be in listed.items()
        if must_be and key not in objects
    ]


async def _sweep_other_days(tools: Tools) -> list[Finding]:
    """Names are cheap to look at, manifests are not: only those of files with new objects are read."""
    since = datetime.combine(min(tools.days), time(), UTC)
    days = set(tools.days)
    objects: list[Listed] = []
    ids: set[str] = set()
    async for item in tools.store.list(tools.deployment.curated_bucket, ""):
        file_id = file_id_in(item.key) if item.last_modified >= since else None
        if file_id is not None and landing_date_of(file_id) not in days:
            objects.append(item)
            ids.add(file_id)
    states = await states_of(tools.store, tools.bucket, ids)
    accounts = await for_each(states, lambda state: _account(tools, state), LISTINGS_AT_ONCE)
    return await _orphans(tools, objects, accounts)


async def _orphans(tools: Tools, objects: Iterable[Listed], accounts: Sequence[_Accounted]) -> list[Finding]:
    """Objects that have lain there for some time, and that no file accounts for nor is about to."""
    listed = {key for account in accounts for key in account.outputs}
    states = {account.state.file_id: account.state for account in accounts}
    old = [item for item in objects if item.key not in listed and item.last_modified < tools.left_before]
    found = [await _orphan(tools, item, states.get(file_id_in(item.key) or "")) for item in old]
    return [finding for finding in found if finding is not None]


async def _objects_of(tools: Tools, day: date) -> AsyncIterator[Listed]:
    """Every object made from a file that landed on the day, whatever its dataset."""
    store, bucket = tools.store, tools.deployment.curated_bucket
    async for dataset in store.folders(bucket):
        async for item in store.list(bucket, f"{dataset}ingest_date={day.isoformat()}/"):
            yield item
        async for source in store.folders(bucket, f"{dataset}source="):
            async for item in store.list(bucket, f"{source}snapshot={day:%Y%m%d}-"):
                yield item


async def _account(tools: Tools, state: FileState) -> _Accounted:
    record = state.success(Stage.NORMALIZE)
    body = await tools.store.read(tools.bucket, record.key) if record else None
    if body is None:
        return _Accounted(state, {})
    manifest = NormalizeManifest.model_validate_json(body)
    # The cataloger deletes a snapshot some time after a newer one has taken its place.
    return _Accounted(state, {each.object.key: each.mode == "append" for each in manifest.curated})


async def _orphan(tools: Tools, item: Listed, state: FileState | None) -> Finding | None:
    """An object whose file nothing is recorded of stays: its manifests may have been deleted by mistake."""
    file_id, bucket = file_id_in(item.key), tools.deployment.curated_bucket
    where = f"s3://{bucket}/{item.key}"
    if state is None:
        return Finding(Kind.ORPHAN_IN_CURATED, where, "nothing is recorded of its file", file_id)
    if not is_at_rest(tools, state):
        return None
    if tools.fix:
        if not await is_unchanged(tools, file_id, state):
            return None
        await tools.store.expunge(bucket, item.key, state.generation)
    done = "deleted" if tools.fix else None
    return Finding(Kind.ORPHAN_IN_CURATED, where, "no manifest lists it", file_id, done)
