"""Which manifests belong together: those of one run over a file, and what they were made from.

A generation that an operator opened at a later stage has no manifests of the stages before it: these stand
from an earlier generation. Every manifest records the generation of the one it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from shared.errors import FileNotRecorded, GenerationNotOpened, MessageContradicted, UpstreamMissing
from shared.identity import LandedFile
from shared.layout import ManifestName, manifest_key, manifest_prefix, opened_key, parse_manifest_key
from shared.manifests import MANIFESTS, GenerationOpened, Manifest
from shared.objects.store import ObjectStore
from shared.reopened import point_to
from shared.stages import Stage

U = TypeVar("U", bound=Manifest)


async def read_manifest(
    store: ObjectStore, file: LandedFile, manifest_type: type[U], generation: int
) -> U | None:
    """A stage's success manifest of one generation, None where the stage has not succeeded."""
    dated = await _read_dated(store, file, manifest_type, generation)
    return None if dated is None else dated[0]


async def upstream_manifest(
    store: ObjectStore, file: LandedFile, manifest_type: type[U], generation: int
) -> U:
    """The manifest of the stage before that a generation builds on.

    Its own, where the generation runs through that stage; where it was opened at a later one, the newest of
    an earlier generation.

    Raises:
        FileNotRecorded: the stage before has not succeeded, so it cannot have asked for this one.
        UpstreamMissing: an operator began the generation at a later stage, and the manifest was deleted.
        GenerationNotOpened: the record that opened the generation is not there either.
        MessageContradicted: it describes the file otherwise.
    """
    manifest, _ = await dated_upstream_manifest(store, file, manifest_type, generation)
    return manifest


async def dated_upstream_manifest(
    store: ObjectStore, file: LandedFile, manifest_type: type[U], generation: int
) -> tuple[U, datetime]:
    """As :func:`upstream_manifest`, with the time at which it was put, by S3's clock."""
    dated = await _read_dated(store, file, manifest_type, generation)
    stage = _stage_of(manifest_type)
    if dated is None and generation:
        opened = await read_opening(store, file, generation)
        if opened is None:
            raise GenerationNotOpened(f"generation {generation} of {file.file_id} was never opened")
        if stage.precedes(opened.from_stage):
            done = generations_of(await recorded(store, file), stage)
            newest = next((earlier for earlier in done if earlier < generation), None)
            dated = None if newest is None else await _read_dated(store, file, manifest_type, newest)
            if dated is None:
                raise UpstreamMissing(f"there is no {stage} manifest for generation {generation}")
    if dated is None:
        raise FileNotRecorded(f"there is no {stage} manifest for generation {generation}")
    require_same(file, dated[0].file)
    return dated


async def lineage(store: ObjectStore, manifest: Manifest) -> list[Manifest]:
    """A manifest and all it was made from, in the order of the stages; what was deleted since is left out."""
    found = [manifest]
    while (stage := found[-1].stage.before) is not None:
        before = await read_manifest(store, manifest.file, MANIFESTS[stage], found[-1].made_from)
        if before is None:
            break
        found.append(before)
    return found[::-1]


async def recorded(store: ObjectStore, file: LandedFile) -> list[ManifestName]:
    """Everything that any stage or operator has recorded of a file, by name; one LIST."""
    items = store.list(file.bucket, manifest_prefix(file.file_id))
    names = [parse_manifest_key(item.key) async for item in items]
    return [name for name in names if name is not None]


def is_opened(names: Iterable[ManifestName], generation: int) -> bool:
    """Whether a generation exists: 0 always does, any other if an operator has opened it."""
    return generation == 0 or any(name.generation == generation and name.stage is None for name in names)


def require_same(told: LandedFile, recorded_file: LandedFile) -> None:
    """Insist that a message describes a file as it is recorded.

    Raises:
        MessageContradicted: size or landing time differ; its id is the same.
    """
    if told != recorded_file:
        raise MessageContradicted(f"a message describes {told.file_id} otherwise than its records do")


def is_superseded(names: Iterable[ManifestName], generation: int) -> bool:
    """Whether a later generation was begun: an earlier one then has nothing left to do or to report."""
    return any(name.generation > generation and name.failure == 0 for name in names)


def generations_of(names: Iterable[ManifestName], stage: Stage) -> list[int]:
    """The generations with which a stage has succeeded, the newest first."""
    done = {name.generation for name in names if name.stage is stage and name.failure == 0}
    return sorted(done, reverse=True)


async def open_generation(store: ObjectStore, opened: GenerationOpened) -> bool:
    """Begin a new generation of a file; False where somebody else has begun that generation before."""
    file = opened.file
    if opened.generation:  # of generation 0 the original is in landing/, where it is found anyway
        await point_to(store, file, opened.generation)
    body = opened.model_dump_json(indent=1).encode()
    return await store.put_if_absent(file.bucket, opened_key(file.file_id, opened.generation), body)


async def read_opening(store: ObjectStore, file: LandedFile, generation: int) -> GenerationOpened | None:
    """The record that opened a generation; generation 0 begins at the first stage anyway."""
    body = await store.read(file.bucket, opened_key(file.file_id, generation)) if generation else None
    return None if body is None else GenerationOpened.model_validate_json(body)


async def _read_dated(
    store: ObjectStore, file: LandedFile, manifest_type: type[U], generation: int
) -> tuple[U, datetime] | None:
    key = manifest_key(file.file_id, _stage_of(manifest_type), generation)
    dated = await store.read_dated(file.bucket, key)
    return None if dated is None else (manifest_type.model_validate_json(dated[0]), dated[1])


def _stage_of(manifest_type: type[Manifest]) -> Stage:
    stage: Stage = manifest_type.model_fields["stage"].get_default()
    return stage
