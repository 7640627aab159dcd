"""``landfall recipe upgrade``: move a table to the newest versions of its match-key profiles."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from landfall import console
from landfall.operating.operators import new_replay
from landfall.operating.replay_plans import Refusal
from landfall.operating.replay_selection import Planned, plan_again
from landfall.operating.replaying import Pace, Requests
from landfall.operating.stale import totals
from landfall.progress import progress
from landfall.recipes.upgrading import Upgrade, lock_upgrade, outdated_files, plan_upgrade
from landfall.target import Target, find_target, run
from services.normalizer.locking.lock import ProfileLock
from services.normalizer.recipes import RecipeBook, load_recipes
from services.normalizer.settings import BUILT_IN_RECIPES
from shared.aws.clients import Clients
from shared.events import Replay
from shared.objects.store import ObjectStore

_REQUESTS_PER_SECOND = 50


@dataclass(frozen=True, slots=True)
class _Done:
    """What was changed and requested."""

    acted: bool
    planned: Planned
    refused: Sequence[Refusal]


_NOTHING = _Done(acted=False, planned=Planned([], []), refused=())


def upgrade(
    dataset: Annotated[str, typer.Argument(help="A dataset, which is also the name of its table.")],
    profile: Annotated[
        str | None, typer.Option(help="Only this profile, such as google; by default all of the recipe.")
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Also request a replay of the files with older versions.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without, only say what would change, and ask on a terminal.")
    ] = False,
    recipes: Annotated[
        Path,
        typer.Option(envvar="LANDFALL_RECIPES", help="Folder of the recipes in force.", show_default=False),
    ] = BUILT_IN_RECIPES,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Move a table to the newest versions of the profiles that its recipe names without one.

    New files take the newer versions from then on. Files with older versions must be replayed, or the same
    person has two keys in one column: --replay requests that, and so does `landfall replay DATASET --stale`.
    """
    book = load_recipes(recipes)
    target = find_target()
    planned = run(_plan(target, book, dataset, profile))
    asked = new_replay(target)
    done = _NOTHING
    if not as_json:
        _show_plan(planned)
    if (planned.changes or (replay and planned.files)) and _is_wanted(planned, yes=yes, as_json=as_json):
        done = run(_do(target, book, planned, asked, replay=replay))
    if as_json:
        console.print_json(_facts(planned, done, asked))
    else:
        _show_done(planned, done, replay=replay)


async def _plan(target: Target, book: RecipeBook, dataset: str, profile: str | None) -> Upgrade:
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        return await plan_upgrade(store, target.deployment.ingest_bucket, book, dataset, profile)


async def _do(target: Target, book: RecipeBook, planned: Upgrade, asked: Replay, *, replay: bool) -> _Done:
    bucket = target.deployment.ingest_bucket
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        if planned.changes:
            await lock_upgrade(store, bucket, planned, asked.requested_by, asked.requested_at)
        if not replay:
            return _Done(acted=True, planned=Planned([], []), refused=())
        # Once more: files may have been normalised since the plan was made.
        lock = await ProfileLock(store, bucket).read()
        files = await outdated_files(store, bucket, book, lock, planned.dataset)
        again = await plan_again(store, bucket, [each.found for each in files])
        requests = Requests(
            store, await clients.sqs(), target.deployment.ingest_bucket, target.deployment.queues, asked
        )
        with progress("Requested", len(again.plans)) as advance:
            refused = await requests.send(again.plans, Pace(_REQUESTS_PER_SECOND), advance)
        return _Done(acted=True, planned=again, refused=[*again.refused, *refused])


def _is_wanted(planned: Upgrade, *, yes: bool, as_json: bool) -> bool:
    if yes or as_json or not sys.stdin.isatty():
        return yes
    return typer.confirm(f"Upgrade {planned.dataset}?", err=True)


def _facts(planned: Upgrade, done: _Done, asked: Replay) -> dict[str, object]:
    return {
        "dataset": planned.dataset,
        "changes": [
            {"profile": each.profile, "from": each.before, "to": each.after} for each in planned.changes
        ],
        "pinned": list(planned.pinned),
        **totals(planned.files),
        "upgraded": done.acted and bool(planned.changes),
        "replayed": [plan.file.file_id for plan in done.planned.plans],
        "refused": [{"file_id": each.file_id, "reason": each.reason} for each in done.refused],
        "replay_id": asked.replay_id,
        "requested_by": asked.requested_by,
    }


def _show_plan(planned: Upgrade) -> None:
    if planned.changes:
        console.print_table(
            ("profile", "from", "to"),
            [
                (each.profile, "-" if each.before is None else str(each.before), str(each.after))
                for each in planned.changes
            ],
        )
    else:
        console.say(f"{planned.dataset} already takes the newest versions that its recipe leaves open.")
    for each in planned.pinned:
        console.say(f"{each} is named by the recipe itself: only a change of the recipe moves it.")
    amount = totals(planned.files)
    console.say(
        f"{console.counted(amount['files'], 'file')} with {console.counted(amount['rows'], 'row')} "
        "must be replayed."
    )


def _show_done(planned: Upgrade, done: _Done, *, replay: bool) -> None:
    for each in done.refused:
        console.say(f"not replayed: {each.file_id}: {each.reason}")
    if not done.acted:
        if planned.changes or (replay and planned.files):
            console.say("Nothing was changed: pass --yes to do it.")
        return
    if planned.changes:
        console.say(f"New files of {planned.dataset} take these versions from now on.")
    if replay:
        console.say(f"{console.counted(len(done.planned.plans), 'replay')} requested.")
    elif planned.files:
        console.say(f"Replay the others: landfall replay {planned.dataset} --stale")
    console.say(
        "A file that was in work meanwhile may still hold the older version: "
        f"`landfall verify {planned.dataset}` says so."
    )
