"""What a run that died left in the buckets: uploads nobody will complete, plaintext in raw/."""

from __future__ import annotations

from itertools import groupby

from landfall.operating.finding import file_id_in
from landfall.operating.states import FileState, state_of
from landfall.operating.sweeping.findings import Finding, Kind, Tools
from landfall.operating.sweeping.stillness import is_at_rest, is_unchanged
from landfall.times import span
from shared.layout import STAGING
from shared.manifests import DecryptManifest
from shared.objects.store import Listed
from shared.stages import Stage

_ANY_GENERATION = 1 << 30


async def sweep_uploads(tools: Tools) -> list[Finding]:
    """Multipart uploads that were begun long ago and never ended."""
    found: list[Finding] = []
    client = tools.store.client
    for bucket in (tools.bucket, tools.deployment.curated_bucket):
        async for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", []):
                if upload["Initiated"] >= tools.left_before:
                    continue
                if tools.fix:
                    await client.abort_multipart_upload(
                        Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                    )
                age = span((tools.now - upload["Initiated"]).total_seconds())
                done = "aborted" if tools.fix else None
                where = f"s3://{bucket}/{upload['Key']}"
                found.append(Finding(Kind.DANGLING_UPLOAD, where, f"begun {age} ago", done=done))
    return found


async def sweep_raw(tools: Tools) -> list[Finding]:
    """Members of files that are done, and objects that no decrypt manifest lists."""
    items = [item async for item in tools.store.list(tools.bucket, "raw/")]
    found: list[Finding | None] = []
    for file_id, group in groupby(items, lambda item: file_id_in(item.key)):
        of_file = list(group)
        state = await state_of(tools.store, tools.bucket, file_id) if file_id else None
        found += [await _remove(tools, item, why, state) for item, why in await _left(tools, state, of_file)]
    return [finding for finding in found if finding is not None]


async def _left(tools: Tools, state: FileState | None, items: list[Listed]) -> list[tuple[Listed, str]]:
    old = [item for item in items if item.last_modified < tools.left_before]
    staged = [item for item in old if item.key.startswith(STAGING)]
    members = [item for item in items if not item.key.startswith(STAGING)]
    found = [(item, "staged by a run that died") for item in staged]
    if not is_at_rest(tools, state):
        return found
    if state is not None and state.status == "done":
        return found + [(item, "its file is done") for item in members]
    listed = await _listed(tools, state)
    return found + [
        (item, "no manifest lists it") for item in members if item in old and item.key not in listed
    ]


async def _listed(tools: Tools, state: FileState | None) -> set[str]:
    record = state.success(Stage.DECRYPT) if state else None
    body = await tools.store.read(tools.bucket, record.key) if record else None
    if body is None:
        return set()
    return {each.key for each in DecryptManifest.model_validate_json(body).outputs()}


async def _remove(tools: Tools, item: Listed, why: str, state: FileState | None) -> Finding | None:
    file_id = file_id_in(item.key)
    # What is staged has a name that no other run knows, and no generation.
    is_staged = item.key.startswith(STAGING)
    generation = _ANY_GENERATION if is_staged or state is None else state.generation
    if tools.fix:
        if not is_staged and not await is_unchanged(tools, file_id, state):
            return None
        await tools.store.expunge(tools.bucket, item.key, generation)
    done = "deleted" if tools.fix else None
    return Finding(Kind.LEFT_IN_RAW, f"s3://{tools.bucket}/{item.key}", why, file_id, done)
