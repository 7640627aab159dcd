"""Which generation of a file runs from which stage when an operator asks for a replay, or why none can."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.operating.found import Found, identity
from landfall.operating.states import FileState
from shared.errors import OtherDeployment
from shared.identity import LandedFile
from shared.manifests import ArchiveManifest, GenerationOpened
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asks for. Without a stage: where the file stands, or with ``force`` the first."""

    stage: Stage | None = None
    force: bool = False
    or_earlier: bool = False
    """Begin at an earlier stage where what the wished one reads is no longer kept."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One stage's work on one file, to be requested."""

    file: LandedFile
    generation: int
    stage: Stage
    opens: bool
    """Whether this begins the generation, rather than going on with it."""
    accepts_shrink: bool = False
    """Whether the generation accepts snapshots with far fewer rows than the current ones."""
    because: str | None = None
    """Why, in the operator's words; recorded where the generation is begun."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not replayed as asked, and what would do."""

    file_id: str
    reason: str


async def plan_replay(store: ObjectStore, bucket: str, found: Found, wish: Wish) -> Plan | Refusal:
    """Read what the decision needs, and decide."""
    try:
        file = await identity(store, bucket, found)
    except OtherDeployment as error:
        return Refusal(found.file_id, f"{error.message} ({error.code})")
    if file is None:
        return Refusal(found.file_id, "its records cannot be read")
    plan = await _plan(store, bucket, found, file, wish)
    if isinstance(plan, Plan) and plan.stage is Stage.DECRYPT and not file.has_own_version:
        return Refusal(file.file_id, "it has no version of its own: switch versioning on and land it again")
    return plan


async def _plan(
    store: ObjectStore, bucket: str, found: Found, file: LandedFile, wish: Wish
) -> Plan | Refusal:
    if found.state is None:
        return _plan_first(file, wish)
    begun = await _begun(store, bucket, found.state)
    if not wish.force:
        return _go_on(file, found.state, begun, wish.stage)
    stage = wish.stage or Stage.DECRYPT
    if stage is Stage.NORMALIZE and await _raw_is_gone(store, bucket, found.state):
        if not wish.or_earlier:
            return Refusal(file.file_id, "its raw members were not archived: replay it --from decrypt")
        stage = Stage.DECRYPT
    return _begin_anew(file, found.state, begun, stage)


def _plan_first(file: LandedFile, wish: Wish) -> Plan | Refusal:
    if wish.stage not in (None, Stage.DECRYPT):
        return Refusal(file.file_id, "it was never decrypted: replay it --from decrypt")
    return Plan(file, 0, Stage.DECRYPT, opens=False)


def _go_on(file: LandedFile, state: FileState, begun: Stage, wanted: Stage | None) -> Plan | Refusal:
    open_stage = _first_not_done(state, begun)
    stage = wanted or open_stage
    if stage is None:
        return Refusal(file.file_id, "it is done: --force runs it again as a new generation")
    if stage.precedes(begun):
        return Refusal(
            file.file_id, f"generation {state.generation} began at {begun}: go on there or --force"
        )
    if open_stage is not None and open_stage.precedes(stage):
        return Refusal(file.file_id, f"{open_stage} is not done: replay it from there")
    return Plan(file, state.generation, stage, opens=False)


def _begin_anew(file: LandedFile, state: FileState, begun: Stage, stage: Stage) -> Plan | Refusal:
    """Open the next generation, if all that it would build on stands.

    A stage that has not succeeded with the newest generation may do so at any moment, or have left rows that
    no manifest lists. Behind it nothing begins (docs/decisions/0009-generations.md).
    """
    open_stage = _first_not_done(state, begun)
    untouched = state.opening is not None and not state.done and state.failed is None
    if untouched and begun is stage:  # a command was killed before it sent the request, or it waits
        return Plan(file, state.generation, stage, opens=False)
    latest = open_stage
    if state.failed is Stage.DECRYPT and state.success(Stage.DECRYPT) is not None:
        latest = Stage.NORMALIZE  # the members are the same, whichever run decrypted them
    if latest is not None and latest.precedes(stage):
        why = "failed, perhaps half-way:" if state.failed else "has it in work: wait, or"
        return Refusal(file.file_id, f"{open_stage} {why} begin at {latest} or earlier")
    return Plan(file, state.generation + 1, stage, opens=True)


def _first_not_done(state: FileState, begun: Stage) -> Stage | None:
    return next((stage for stage in Stage if not stage.precedes(begun) and stage not in state.done), None)


async def _begun(store: ObjectStore, bucket: str, state: FileState) -> Stage:
    """The first stage of the newest generation."""
    body = await store.read(bucket, state.opening.key) if state.opening else None
    return GenerationOpened.model_validate_json(body).from_stage if body else Stage.DECRYPT


async def _raw_is_gone(store: ObjectStore, bucket: str, state: FileState) -> bool:
    """Whether the archiver deleted the raw members that a normalizer would read."""
    archived, decrypted = state.success(Stage.ARCHIVE), state.success(Stage.DECRYPT)
    if archived is None or decrypted is None or archived.at < decrypted.at:
        return False
    body = await store.read(bucket, archived.key)
    return body is not None and bool(ArchiveManifest.model_validate_json(body).removed)
