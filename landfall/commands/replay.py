"""``landfall replay``: have files run again, from wherever their bytes lie now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from landfall import console
from landfall.asking import confirm
from landfall.errors import OperatorError
from landfall.operating.found import Found
from landfall.operating.operators import new_replay
from landfall.operating.replay_plans import Plan, Refusal, Wish, plan_replay
from landfall.operating.replaying import Pace, Requests
from landfall.operating.selecting import select_files
from landfall.operating.states import LISTINGS_AT_ONCE
from landfall.progress import progress
from landfall.target import Target, find_target, run
from landfall.times import days_since, moment
from shared.aws.clients import Clients
from shared.concurrency import for_each
from shared.events import Replay
from shared.objects.store import ObjectStore
from shared.stages import Stage


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to be requested, what cannot be, and how much it is."""

    plans: list[Plan]
    refused: list[Refusal]
    totals: dict[str, int]


def replay(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A file id, the s3:// address of a file, or a prefix; with --stale the name of a dataset.",
            metavar="[FILE_ID|S3URI|PREFIX|DATASET]",
        ),
    ] = None,
    from_stage: Annotated[
        Stage | None,
        typer.Option("--from", help="First stage to run; by default where the file stands, or decrypt."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run it again although it is done, as a new generation.")
    ] = False,
    stale: Annotated[
        bool,
        typer.Option("--stale", help="All files whose rows another recipe made than the one deployed now."),
    ] = False,
    recipes: Annotated[
        Path | None,
        typer.Option(help="Folder of the deployed recipes: by default LANDFALL_RECIPES, or the built-in."),
    ] = None,
    since: Annotated[
        str, typer.Option(help="For prefixes and --stale: files that landed since 12h, 90d, 2026-01-31.")
    ] = "31d",
    rate: Annotated[float, typer.Option(min=0, help="Most requests a second; 0 for no limit.")] = 50,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be requested.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, however many files they are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask the stages to take files again; the message carries each file's original identity."""
    if what is None and not stale:
        raise typer.BadParameter("name a file, an address or a prefix, or give --stale")
    target = find_target()
    days = days_since(moment(since), datetime.now(UTC))
    if stale:
        planned = run(_plan_stale(target, what, days, recipes))
    else:
        planned = run(_plan(target, what or "", days, Wish(from_stage, force)))
    if not planned.plans and len(planned.refused) == 1:
        only = planned.refused[0]
        raise OperatorError(f"The file {only.file_id} is not replayed: {only.reason}.")
    asked = new_replay(target)
    refused = planned.refused
    if planned.plans and not dry_run:
        confirm(
            f"Replay {len(planned.plans):,} files{_amount(planned.totals)}?",
            several=len(planned.plans) > 1,
            yes=yes,
        )
        refused = [*refused, *run(_request(target, planned.plans, asked, rate))]
    _report(planned, refused, asked, dry_run=dry_run, as_json=as_json)


async def _plan(target: Target, what: str, days: Sequence[date], wish: Wish) -> _Planned:
    bucket = target.deployment.ingest_bucket
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        found = await select_files(store, bucket, what, days)
        return await _plan_each(store, bucket, found, wish, {})


async def _plan_stale(
    target: Target, dataset: str | None, days: Sequence[date], folder: Path | None
) -> _Planned:
    # The recipes' library takes a third of a second to load, and only this needs it.
    from landfall.operating.stale import stale_files, totals
    from services.normalizer.recipes import load_recipes
    from services.normalizer.settings import BUILT_IN_RECIPES

    book = load_recipes(folder or Path(os.environ.get("LANDFALL_RECIPES", BUILT_IN_RECIPES)))
    if dataset is not None:
        dataset = book.named(dataset).dataset
    bucket = target.deployment.ingest_bucket
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        files = await stale_files(store, bucket, days, book, dataset)
        found = [each.found for each in files]
        wish = Wish(Stage.NORMALIZE, force=True, or_earlier=True)
        return await _plan_each(store, bucket, found, wish, totals(files))


async def _plan_each(
    store: ObjectStore, bucket: str, found: Sequence[Found], wish: Wish, totals: dict[str, int]
) -> _Planned:
    decided = await for_each(found, lambda each: plan_replay(store, bucket, each, wish), LISTINGS_AT_ONCE)
    plans = [each for each in decided if isinstance(each, Plan)]
    return _Planned(plans, [each for each in decided if isinstance(each, Refusal)], totals)


async def _request(target: Target, plans: Sequence[Plan], asked: Replay, rate: float) -> list[Refusal]:
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        requests = Requests(store, await clients.sqs(), target.deployment.queues, asked)
        with progress("Requested", len(plans)) as advance:
            return await requests.send(plans, Pace(rate), advance)


def _amount(totals: dict[str, int]) -> str:
    if not totals:
        return ""
    return f" with {totals['rows']:,} rows ({totals['bytes'] / 1e6:,.1f} MB curated)"


def _report(
    planned: _Planned, refused: Sequence[Refusal], asked: Replay, *, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        console.print_json(
            {
                "replayed": [_facts(plan) for plan in planned.plans],
                "refused": [{"file_id": each.file_id, "reason": each.reason} for each in refused],
                **planned.totals,
                "replay_id": asked.replay_id,
                "requested_by": asked.requested_by,
                "dry_run": dry_run,
            }
        )
        return
    if planned.plans:
        console.print_table(
            ("file id", "file", "generation", "from"),
            [(p.file.file_id, p.file.key, str(p.generation), p.stage) for p in planned.plans],
        )
    for each in refused:
        console.say(f"not replayed: {each.file_id}: {each.reason}")
    verb = "would be requested" if dry_run else "requested"
    console.say(f"{len(planned.plans):,} files {verb}{_amount(planned.totals)}.")


def _facts(plan: Plan) -> dict[str, object]:
    return {
        "file_id": plan.file.file_id,
        "key": plan.file.key,
        "generation": plan.generation,
        "from": plan.stage,
        "opens_generation": plan.opens,
    }
