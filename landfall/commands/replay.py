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
from landfall.operating.accepting import plan_accepted
from landfall.operating.operators import new_replay
from landfall.operating.replay_plans import Plan, Refusal, Wish
from landfall.operating.replay_selection import Planned, plan_failed, plan_named, plan_stale
from landfall.operating.replaying import Pace, Requests
from landfall.progress import progress
from landfall.target import Target, find_target, run
from landfall.times import days_since, moment
from shared.aws.clients import Clients
from shared.events import Replay
from shared.layout import LANDING
from shared.objects.store import ObjectStore
from shared.stages import Stage

_LOOK_BACK = "31d"
_MAX_REASON = 500  # characters
_RECIPES = Path(__file__).resolve().parents[2] / "recipes"


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which files are meant, and what is to become of them."""

    what: str | None
    failed: bool
    code: str | None
    stale: bool
    recipes: Path
    since: datetime | None
    wish: Wish
    accepts_shrink: bool = False
    because: str | None = None

    @property
    def looks_back(self) -> bool:
        """Whether only files that landed within a time are looked at."""
        if self.stale:
            return self.since is not None
        what = self.what or ""
        key = what.split("/", 3)[-1] if what.startswith("s3://") else what
        return key.startswith(LANDING)

    @property
    def days(self) -> list[date]:
        """The landing days that are looked at, where that is limited."""
        now = datetime.now(UTC)
        return days_since(self.since or moment(_LOOK_BACK, now), now)

    def check(self) -> None:
        if self.failed + self.stale > 1 or (self.failed and self.what):
            raise typer.BadParameter("give either files, or --failed, or --stale")
        if not (self.what or self.failed or self.stale):
            raise typer.BadParameter("name a file, an address or a prefix, or give --failed or --stale")
        if self.code and not self.failed:
            raise typer.BadParameter("--code goes with --failed")
        if self.stale and (self.wish.stage or self.wish.force):
            raise typer.BadParameter("--stale decides by itself where files begin")
        if self.accepts_shrink and (self.failed or self.stale or self.wish.stage or self.wish.force):
            raise typer.BadParameter("--accept-shrink takes one file and nothing else: it begins at catalog")
        if self.accepts_shrink and not self.because:
            raise typer.BadParameter("--accept-shrink needs --because TEXT: it is recorded with your name")
        if self.because is not None and not self.accepts_shrink:
            raise typer.BadParameter("--because goes with --accept-shrink")
        if len(self.because or "") > _MAX_REASON:
            raise typer.BadParameter(f"--because takes at most {_MAX_REASON} characters")


def replay(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A file id, the s3:// address of a file, or a prefix; with --stale the name of a dataset.",
            metavar="FILE_ID|S3URI|PREFIX|DATASET",
        ),
    ] = None,
    from_stage: Annotated[
        Stage | None,
        typer.Option("--from", help="First stage to run; by default where the file stands, or decrypt."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Run it again although it is done, as a new generation.")
    ] = False,
    failed: Annotated[bool, typer.Option("--failed", help="All files that have failed.")] = False,
    code: Annotated[str | None, typer.Option(help="With --failed: only with this error code.")] = None,
    stale: Annotated[
        bool,
        typer.Option("--stale", help="All files whose rows another recipe made than the one deployed now."),
    ] = False,
    accept_shrink: Annotated[
        bool,
        typer.Option(
            "--accept-shrink",
            help="Have the file's snapshots replace the current ones although they have far fewer rows "
            "(SNAPSHOT_SHRUNK): a new generation that begins at catalog.",
        ),
    ] = False,
    because: Annotated[
        str | None, typer.Option(help="With --accept-shrink: why; it is recorded with who asked.")
    ] = None,
    recipes: Annotated[
        Path | None,
        typer.Option(help="Folder of the deployed recipes: by default LANDFALL_RECIPES, or the built-in."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="With --stale only files that landed since 12h, 90d, 2026-01-31; by default all. "
            f"For prefixes of landing/ how far back archived files are looked for; by default {_LOOK_BACK}."
        ),
    ] = None,
    rate: Annotated[float, typer.Option(min=0, help="Most requests a second; 0 for no limit.")] = 50,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be requested.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, however many files they are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ask the stages to take files again; the message carries each file's original identity."""
    folder = recipes or Path(os.environ.get("LANDFALL_RECIPES", _RECIPES))
    start = moment(since) if since else None
    reason = None if because is None else because.strip()
    wish = Wish(from_stage, force)
    choice = _Choice(what, failed, code, stale, folder, start, wish, accept_shrink, reason)
    choice.check()
    target = find_target()
    planned = run(_plan(target, choice))
    if not planned.plans and len(planned.refused) == 1:
        only = planned.refused[0]
        raise OperatorError(f"The file {only.file_id} is not replayed: {only.reason}.")
    asked = new_replay(target)
    refused = planned.refused
    count = len(planned.plans)
    if count and not dry_run:
        question = f"Replay {console.counted(count, 'file')}{_amount(planned)}?"
        confirm(question, several=count > 1, yes=yes)
        refused = [*refused, *run(_request(target, planned.plans, asked, rate))]
    landed_since = choice.days[0] if choice.looks_back else None
    _report(planned, refused, asked, landed_since, dry_run=dry_run, as_json=as_json)


async def _plan(target: Target, choice: _Choice) -> Planned:
    bucket = target.deployment.ingest_bucket
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        if choice.stale:
            return await plan_stale(
                store, bucket, choice.what, choice.days if choice.looks_back else None, choice.recipes
            )
        if choice.failed:
            return await plan_failed(store, bucket, choice.code, choice.wish)
        if choice.accepts_shrink:
            return await plan_accepted(store, bucket, choice.what or "", choice.days, choice.because or "")
        return await plan_named(store, bucket, choice.what or "", choice.days, choice.wish)


async def _request(target: Target, plans: Sequence[Plan], asked: Replay, rate: float) -> list[Refusal]:
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        requests = Requests(
            store, await clients.sqs(), target.deployment.ingest_bucket, target.deployment.queues, asked
        )
        with progress("Requested", len(plans)) as advance:
            return await requests.send(plans, Pace(rate), advance)


def _amount(planned: Planned) -> str:
    totals = planned.totals
    if not totals:
        return ""
    return f" with {console.counted(totals['rows'], 'row')} ({totals['bytes'] / 1e6:,.1f} MB curated)"


def _report(
    planned: Planned,
    refused: Sequence[Refusal],
    asked: Replay,
    landed_since: date | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    if as_json:
        console.print_json(
            {
                "replayed": [_facts(plan) for plan in planned.plans],
                "refused": [{"file_id": each.file_id, "reason": each.reason} for each in refused],
                **planned.totals,
                "replay_id": asked.replay_id,
                "requested_by": asked.requested_by,
                "landed_since": landed_since.isoformat() if landed_since else None,
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
    if landed_since is not None:
        console.say(f"Of files that are archived, those were looked at that landed since {landed_since}.")
    if not planned.plans:
        console.say("There is nothing to replay.")
        return
    verb = "would be requested" if dry_run else "requested"
    console.say(f"{console.counted(len(planned.plans), 'file')} {verb}{_amount(planned)}.")


def _facts(plan: Plan) -> dict[str, object]:
    return {
        "file_id": plan.file.file_id,
        "key": plan.file.key,
        "generation": plan.generation,
        "from": plan.stage,
        "opens_generation": plan.opens,
        "accepts_shrink": plan.accepts_shrink,
    }
