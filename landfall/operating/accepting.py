"""Accepting a snapshot that the cataloger held back because it has far fewer rows than the current one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from landfall.errors import OperatorError
from landfall.operating.found import Found, identity
from landfall.operating.held_back import was_held_back
from landfall.operating.replay_plans import Plan, Refusal
from landfall.operating.replay_selection import Planned
from landfall.operating.selecting import select_files
from landfall.operating.states import FileState
from shared.errors import OtherDeployment
from shared.identity import LandedFile
from shared.manifests import GenerationOpened, NormalizeManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage


async def plan_accepted(
    store: ObjectStore, bucket: str, what: str, days: Sequence[date], because: str
) -> Planned:
    """The one file whose snapshots are accepted: a new generation that begins at the catalog stage.

    Raises:
        OperatorError: none or several files are meant.
    """
    found = await select_files(store, bucket, what, days)
    if len(found) != 1:
        raise OperatorError(f"{what} means {len(found)} files: accept the snapshots of one file at a time.")
    plan = await _plan(store, bucket, found[0], because)
    return Planned([plan], []) if isinstance(plan, Plan) else Planned([], [plan])


async def _plan(store: ObjectStore, bucket: str, found: Found, because: str) -> Plan | Refusal:
    try:
        file = await identity(store, bucket, found)
    except OtherDeployment as error:
        return Refusal(found.file_id, f"{error.message} ({error.code})")
    if file is None or found.state is None:
        return Refusal(found.file_id, "nothing is recorded of it that can be read")
    if await _is_begun(store, file, found.state):  # the command was killed before its request, or that waits
        return Plan(file, found.state.generation, Stage.CATALOG, opens=False)
    if not await was_held_back(store, bucket, found.state):
        return Refusal(found.file_id, "no snapshot of it is held back")
    if not await _is_there(store, file, found.state):
        return Refusal(
            found.file_id, "its snapshot's rows were deleted since: replay it --from normalize --force first"
        )
    return Plan(
        file,
        found.state.generation + 1,
        Stage.CATALOG,
        opens=True,
        accepts_shrink=True,
        because=because,
    )


async def _is_begun(store: ObjectStore, file: LandedFile, state: FileState) -> bool:
    if state.opening is None or state.done or state.failed is not None:
        return False
    body = await store.read(file.bucket, state.opening.key)
    return body is not None and GenerationOpened.model_validate_json(body).accepts_shrink


async def _is_there(store: ObjectStore, file: LandedFile, state: FileState) -> bool:
    """Whether any snapshot that the normalizer made of the file still has its objects.

    Which of several was held back is not recorded; the cataloger looks at each that it switches to.
    """
    record = state.success(Stage.NORMALIZE)
    body = await store.read(file.bucket, record.key) if record else None
    if body is None:
        return False
    curated = NormalizeManifest.model_validate_json(body).curated
    return any(
        [
            await store.holds_any(each.object.bucket, each.object.key)
            for each in curated
            if each.mode == "snapshot"
        ]
    )
