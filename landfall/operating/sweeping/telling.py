"""Telling of a failure that no stage has told of, or that its worker may have died before it told of."""

from __future__ import annotations

from landfall.operating.sweeping.findings import Tools
from services.archiver.story import Storyteller
from shared.errors import LandfallError
from shared.failures import Subject, describe, event_of
from shared.layout import failure_key, telling_key
from shared.lineage import generations_of, is_superseded, recorded
from shared.manifests import FailureManifest
from shared.messages import Message
from shared.metrics import failed
from shared.stages import Stage


async def tell(tools: Tools, subject: Subject, stage: Stage, error: LandfallError, message: Message) -> bool:
    """Have a failure announced and recorded as if the stage itself had said so, unless it has succeeded.

    It is recorded last: whoever finds the record knows that it was announced, and a sweep that dies before
    leaves the file as it was for the next one, which announces the same under the same ids. So what the event
    points to has a key of its own, which says nothing of how the file stands.

    Returns:
        Whether it was announced.
    """
    file, generation = subject.file, subject.generation
    names = await recorded(tools.store, file)
    if is_superseded(names, generation) or generation in generations_of(names, stage):
        return False
    known = [name.failure for name in names if (name.stage, name.generation) == (stage, generation)]
    manifest = describe(stage, subject, message, error, max(known, default=0) + 1)
    told = telling_key(file.file_id, stage, generation, manifest.attempt)
    manifest = await _put_or_adopt(tools, told, manifest)
    await announce(tools, manifest, told)
    key = failure_key(file.file_id, stage, generation, manifest.attempt)
    if await tools.store.put_if_absent(tools.bucket, key, _body(manifest)):
        failed(stage, manifest.code)
    return True


async def _put_or_adopt(tools: Tools, key: str, manifest: FailureManifest) -> FailureManifest:
    """Write what is about to be announced; where an earlier sweep died over it, announce what that one wrote.

    Records are never overwritten, and an outcome must say what the record says.
    """
    if await tools.store.put_if_absent(tools.bucket, key, _body(manifest)):
        return manifest
    body = await tools.store.read(tools.bucket, key)
    return manifest if body is None else FailureManifest.model_validate_json(body)


def _body(manifest: FailureManifest) -> bytes:
    return manifest.model_dump_json(indent=1).encode()


async def announce(tools: Tools, manifest: FailureManifest, key: str) -> None:
    """Publish a failure that lies at the key.

    The archiver makes an outcome of it. Where the archive stage is what failed, that might not be heard: then
    it is announced from here as well, under the same id.
    """
    await tools.bus.publish(event_of(manifest, key))
    if manifest.stage is Stage.ARCHIVE:
        await tools.announcer.announce(Storyteller(tools.store).failure(manifest))
