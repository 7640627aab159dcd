"""The files that an operator means by an id, an address or a prefix, however many they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date

from landfall.addresses import key_of
from landfall.errors import OperatorError
from landfall.operating.finding import archived_ids, file_id_in, file_ids_in, landed_files
from landfall.operating.found import Found, identity
from landfall.operating.states import LISTINGS_AT_ONCE, state_of, states_of_days
from shared.concurrency import for_each
from shared.errors import OtherDeployment
from shared.identity import LandedFile
from shared.layout import LANDING
from shared.objects.store import ObjectStore


async def select_files(store: ObjectStore, bucket: str, what: str, days: Sequence[date]) -> list[Found]:
    """Find them.

    Args:
        store: Where to look.
        bucket: The ingest bucket.
        what: A file id; an address that contains one; the address of a landed file; or a prefix, with or
            without the bucket, under landing/, raw/, archive/, quarantine/ or manifests/.
        days: Landing days on which archived files are looked for by a prefix of landing/.

    Raises:
        OperatorError: there is no such file.
    """
    file_id = file_id_in(what)
    if file_id is not None:
        return [await _by_id(store, bucket, file_id)]
    key = key_of(what, bucket) if what.startswith("s3://") else what
    if not key.startswith(LANDING):
        found = await _under(store, bucket, key)
    else:
        found = await _landed_at(store, bucket, key) or await _landed_under(store, bucket, key, days)
    if not found:
        raise OperatorError(f"No file is known at {what}: check the address, or go further back by --since.")
    return found


async def _by_id(store: ObjectStore, bucket: str, file_id: str) -> Found:
    state = await state_of(store, bucket, file_id)
    if state is not None:
        return Found(file_id, state)
    async for file in landed_files(store, bucket):
        if file.file_id == file_id:
            return Found(file_id, None, file)
    raise OperatorError(f"Nothing is known of the file {file_id}: check the id and the deployment.")


async def _under(store: ObjectStore, bucket: str, prefix: str) -> list[Found]:
    """Files that something under a prefix of ours belongs to."""
    ids = [each async for each in file_ids_in(store, bucket, prefix)]
    states = await for_each(ids, lambda file_id: state_of(store, bucket, file_id), LISTINGS_AT_ONCE)
    return [Found(state.file_id, state) for state in states if state is not None]


async def _landed_at(store: ObjectStore, bucket: str, key: str) -> list[Found]:
    """Every version of exactly this key, in landing/ or lately archived."""
    landed = {file.file_id: file async for file in landed_files(store, bucket, key) if file.key == key}
    ids = dict.fromkeys((*landed, *await archived_ids(store, bucket, key)))
    states = await for_each(ids, lambda file_id: state_of(store, bucket, file_id), LISTINGS_AT_ONCE)
    found = [Found(file_id, state, landed.get(file_id)) for file_id, state in zip(ids, states, strict=True)]
    return await _named(store, bucket, found, lambda file: file.key == key)


async def _landed_under(store: ObjectStore, bucket: str, prefix: str, days: Sequence[date]) -> list[Found]:
    """Files in landing/ under the prefix, and those of the days that landed under it."""
    landed = {file.file_id: file async for file in landed_files(store, bucket, prefix)}
    states = {state.file_id: state for state in await states_of_days(store, bucket, days)}
    older = [file_id for file_id in landed if file_id not in states]
    for state in await for_each(older, lambda each: state_of(store, bucket, each), LISTINGS_AT_ONCE):
        if state is not None:
            states[state.file_id] = state
    ids = dict.fromkeys((*landed, *states))
    found = [Found(file_id, states.get(file_id), landed.get(file_id)) for file_id in ids]
    return await _named(store, bucket, found, lambda file: file.key.startswith(prefix))


async def _named(
    store: ObjectStore, bucket: str, found: Iterable[Found], fits: Callable[[LandedFile], bool]
) -> list[Found]:
    async def with_file(each: Found) -> Found:
        try:
            return replace(each, file=await identity(store, bucket, each))
        except OtherDeployment:
            return each

    known = await for_each(found, with_file, LISTINGS_AT_ONCE)
    return [each for each in known if each.file is not None and fits(each.file)]
