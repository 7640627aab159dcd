"""``landfall status``: where a file is, or how all of today's files and everything around them stand."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from landfall import console
from landfall.commands.story_view import show_files, show_story
from landfall.deployment import Deployment
from landfall.operating.finding import find_stories, today
from landfall.operating.overview import Crawls, Overview, overview
from landfall.operating.states import LISTINGS_AT_ONCE, FileState
from landfall.operating.story import FileStory, landed_only, tell
from landfall.operating.survey import Survey, survey
from landfall.target import find_target, run
from landfall.times import days_since, moment, span
from shared.aws.clients import Clients
from shared.concurrency import for_each
from shared.objects.store import ObjectStore

_WATCH_SECONDS = 2.0
_CLEAR = "\x1b[2J\x1b[H"


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown: one file's stories, or everything."""

    stories: Sequence[FileStory]
    everything: Overview | None = None
    left_out: int = 0

    def to_json(self) -> dict[str, object]:
        """As ``--json`` prints it."""
        told = self.everything.model_dump(mode="json") if self.everything else {}
        counts = {"counts": told.pop("files")} if told else {}
        files = [story.model_dump(mode="json") for story in self.stories]
        left_out = {"files_left_out": self.left_out} if self.everything else {}
        return {**counts, **told, "files": files, **left_out}


def status(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A file id, or the s3:// address of a file; without it, how everything stands.",
            metavar="[FILE_ID|S3URI]",
        ),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only files that failed, however old.")] = False,
    since: Annotated[
        str | None,
        typer.Option(help="Files that landed since then: 90m, 12h, 7d or 2026-01-31; by default today, UTC."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Most files to list; those that need you first.")] = 20,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again every two seconds; a file until it is done or failed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show a file's whole story, or files by stage, queues, dead letters, crawls and rejected rows."""
    deployment = find_target().deployment
    start = moment(since) if since else None
    while True:
        page = run(_page(deployment, what, start, limit, only_failed=failed))
        if watch and console.on_terminal() and not as_json:
            console.write(_CLEAR)
        if as_json:
            console.print_json(page.to_json())
        else:
            _show(page, what, only_failed=failed)
        if not watch or (what and all(story.status in ("done", "failed") for story in page.stories)):
            return
        time.sleep(_WATCH_SECONDS)


async def _page(
    deployment: Deployment, what: str | None, start: datetime | None, limit: int, *, only_failed: bool
) -> Page:
    async with Clients() as clients:
        store, bucket = ObjectStore(await clients.s3()), deployment.ingest_bucket
        if what is not None:
            return Page(await find_stories(store, bucket, what))
        days = days_since(start, datetime.now(UTC)) if start else [today()]
        found = await survey(store, bucket, days)
        everything = await overview(clients, deployment, found, days)
        chosen = _chosen(found, start, only_failed=only_failed)
        landed = [] if only_failed else [landed_only(file) for file in found.landed]
        told = await for_each(chosen[:limit], lambda state: tell(store, bucket, state), LISTINGS_AT_ONCE)
        stories = [*told, *landed][:limit]
        return Page(stories, everything, len(chosen) + len(landed) - len(stories))


def _chosen(found: Survey, start: datetime | None, *, only_failed: bool) -> list[FileState]:
    """Which files to list: failed ones first, then those in work, then the latest that are done."""
    unfinished = sorted(found.unfinished, key=lambda state: (state.status != "failed", state.since))
    if only_failed:
        return [state for state in unfinished if state.status == "failed"]
    done = [state for state in found.states if state.status == "done"]
    chosen = [*unfinished, *sorted(done, key=lambda state: state.since, reverse=True)]
    return [state for state in chosen if start is None or state.since >= start]


def _show(page: Page, what: str | None, *, only_failed: bool) -> None:
    if what is not None:
        for story in page.stories:
            show_story(story)
        return
    if page.everything is not None and not only_failed:
        _show_everything(page.everything)
        console.print_line()
    if page.stories:
        show_files(page.stories)
    if page.left_out:
        console.say(f"{page.left_out:,} more files: see --limit, or `landfall status FILE_ID`.")
    if only_failed and not page.stories:
        console.say("No file has failed.")


def _show_everything(everything: Overview) -> None:
    days = everything.days
    period = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
    counts = ", ".join(f"{count:,} {status}" for status, count in everything.files.items())
    rejected, crawls = everything.rejected, everything.crawls
    facts = [
        ("files", f"{sum(everything.files.values()):,} ({period}, UTC): {counts}"),
        ("earlier days", f"{everything.unfinished_before:,} not done"),
        (
            "rejected rows",
            f"{'' if rejected.complete else 'more than '}{rejected.rows:,} in {rejected.files:,} files",
        ),
    ]
    if crawls is not None:
        facts.append(("crawler", _crawler(everything.at, crawls)))
    console.print_facts(facts)
    console.print_line()
    console.print_table(
        ("stage", "files", "oldest", "failed", "messages", "in flight", "dead letters"),
        [
            (
                each.stage,
                f"{each.files:,}",
                "" if each.oldest_seconds is None else span(each.oldest_seconds),
                f"{each.failed:,}",
                f"{each.messages:,}",
                f"{each.in_flight:,}",
                f"{each.dead_letters:,}",
            )
            for each in everything.stages
        ],
    )


def _crawler(at: datetime, crawls: Crawls) -> str:
    running = "" if crawls.running_seconds is None else f" for {span(crawls.running_seconds)}"
    if crawls.last_started_at is None:
        return f"{crawls.state}{running}, has never ended a crawl"
    ago = span((at - crawls.last_started_at).total_seconds())
    return f"{crawls.state}{running}, last crawl {crawls.last_state}, begun {ago} ago"
