"""``landfall resolve``: close the failure of a file that is not to be replayed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from landfall import console
from landfall.errors import OperatorError
from landfall.operating.finding import file_id_in, find_stories
from landfall.operating.operators import caller_of
from landfall.operating.resolving import resolve_failure
from landfall.target import Target, find_target, run
from shared.aws.clients import Clients
from shared.manifests import FailureResolved
from shared.objects.store import ObjectStore

_MAX_REASON = 500


def resolve(
    what: Annotated[
        str, typer.Argument(help="A file id, or the s3:// address of a file.", metavar="FILE_ID|S3URI")
    ],
    because: Annotated[
        str, typer.Option(help="Why no replay is needed; recorded for good, so name no person's data.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Close a file's failure: `status --failed`, counts and sweeps leave it out from then on.

    Nothing is deleted, and a replay stays possible. If the file fails again, the failure is open again.
    """
    if not because.strip() or len(because) > _MAX_REASON:
        raise typer.BadParameter(f"give --because a reason of 1 to {_MAX_REASON} characters")
    target = find_target()
    record = run(_resolve(target, what, because.strip()))
    file_id = record.file.file_id
    if as_json:
        console.print_json({"file_id": file_id, **record.model_dump(mode="json")})
        return
    console.print_line(f"{file_id} is resolved: {record.code} in {record.stage}, {record.because}")
    console.say(f"Its dead letter, if there is one, stays: `landfall dlq drop {file_id}` removes it.")


async def _resolve(target: Target, what: str, because: str) -> FailureResolved:
    bucket = target.deployment.ingest_bucket
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        file_id = file_id_in(what) or await _failed_at(store, bucket, what)
        return await resolve_failure(
            store, bucket, file_id, by=caller_of(target), at=datetime.now(UTC), because=because
        )


async def _failed_at(store: ObjectStore, bucket: str, address: str) -> str:
    """The one file at an address that has an open failure."""
    stories = await find_stories(store, bucket, address)
    failed = [story.file_id for story in stories if story.status == "failed"]
    if len(failed) == 1:
        return failed[0]
    if not failed:
        raise OperatorError(f"No file at {address} has an open failure: there is nothing to resolve.")
    raise OperatorError(f"Several files at {address} have failed: name one of {', '.join(failed)}.")
