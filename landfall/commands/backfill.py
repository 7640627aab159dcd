"""``landfall backfill``: send files that landed before Landfall was there on their way."""

from __future__ import annotations

from typing import Annotated

import typer

from landfall import console
from landfall.addresses import key_of
from landfall.asking import confirm
from landfall.errors import OperatorError
from landfall.operating.backfilling import Backfill, Candidates, candidates
from landfall.operating.operators import new_replay
from landfall.operating.replaying import Pace, Requests
from landfall.progress import progress
from landfall.target import Target, find_target, run
from shared.aws.clients import Clients
from shared.events import Replay
from shared.layout import LANDING
from shared.objects.store import ObjectStore


def backfill(
    prefix: Annotated[
        str, typer.Argument(help="Where the files are: landing/… or s3://bucket/landing/…")
    ] = LANDING,
    rate: Annotated[float, typer.Option(min=0, help="Most files a second; 0 for no limit.")] = 20,
    max_waiting: Annotated[
        int, typer.Option(min=1, help="Wait while so many messages are in the decrypt queue.")
    ] = 1000,
    all_versions: Annotated[
        bool, typer.Option("--all-versions", help="Also versions that were overwritten since.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many files there are.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, however many files they are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Send existing objects of landing/ to the decrypt stage; killed, it goes on where it was."""
    target = find_target()
    bucket = target.deployment.ingest_bucket
    key = key_of(prefix, bucket) if prefix.startswith("s3://") else prefix
    if not key.startswith(LANDING):
        raise OperatorError(f"{prefix} is not under {LANDING}, where files land.")
    found = run(_look(bucket, key, all_versions=all_versions))
    files = found.to_send
    if files and not dry_run:
        size = sum(file.size for file in files) / 1e6
        question = f"Send {console.counted(len(files), 'file')} ({size:,.1f} MB) on their way?"
        confirm(question, several=len(files) > 1, yes=yes)
        run(_send(target, found, new_replay(target), rate, max_waiting))
    if as_json:
        console.print_json(
            {
                "sent": [{"file_id": file.file_id, "key": file.key} for file in files],
                "bytes": sum(file.size for file in files),
                "known": found.known,
                "dry_run": dry_run,
            }
        )
        return
    verb = "to be sent" if dry_run else "sent"
    console.print_line(f"{console.counted(len(files), 'file')} {verb}, {found.known:,} known already")


async def _look(bucket: str, prefix: str, *, all_versions: bool) -> Candidates:
    async with Clients() as clients:
        return await candidates(ObjectStore(await clients.s3()), bucket, prefix, all_versions=all_versions)


async def _send(target: Target, found: Candidates, asked: Replay, rate: float, most_waiting: int) -> None:
    async with Clients() as clients:
        store, sqs = ObjectStore(await clients.s3()), await clients.sqs()
        requests = Requests(store, sqs, target.deployment.ingest_bucket, target.deployment.queues, asked)
        with progress("Sent", len(found.to_send)) as advance:
            await Backfill(requests, most_waiting).run(found.to_send, Pace(rate), advance)
