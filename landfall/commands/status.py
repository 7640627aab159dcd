"""``landfall status``: where a file is, or how all of today's files and everything around them stand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from landfall import console
from landfall.commands.overview_view import show_everything
from landfall.commands.story_view import show_files, show_story
from landfall.deployment import Deployment
from landfall.operating.finding import find_stories, today
from landfall.operating.lines import FileLine, landed_line, line_of
from landfall.operating.overview import Overview, overview
from landfall.operating.states import CLOSED, LISTINGS_AT_ONCE, FileState
from landfall.operating.story import tell
from landfall.operating.story_parts import FileStory, landed_only
from landfall.operating.survey import Survey, survey
from landfall.target import find_target, run
from landfall.times import days_since, moment
from shared.aws.clients import Clients
from shared.concurrency import for_each
from shared.errors import OtherDeployment
from shared.identity import LandedFile
from shared.objects.store import ObjectStore

_WATCH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be shown when no file is named."""

    start: datetime | None
    """Files that landed before are left out; None for today's."""
    limit: int
    only_failed: bool
    whole_stories: bool
    """For programs; a person's list needs fewer manifests."""


@dataclass(frozen=True, slots=True)
class Page:
    """One look at everything."""

    everything: Overview
    stories: Sequence[FileStory]
    lines: Sequence[FileLine]
    left_out: int

    def to_json(self) -> dict[str, object]:
        """As ``--json`` prints it."""
        told = self.everything.model_dump(mode="json")
        files = [story.model_dump(mode="json") for story in self.stories]
        return {"counts": told.pop("files"), **told, "files": files, "files_left_out": self.left_out}


def status(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A file id, or the s3:// address of a file; without it, how everything stands.",
            metavar="FILE_ID|S3URI",
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
    request = Request(moment(since) if since else None, limit, failed, as_json)
    while True:
        if watch and console.on_terminal() and not as_json:
            console.clear_screen()
        settled = _show_file(deployment, what, as_json) if what else _show_page(deployment, request)
        if settled or not watch:
            return
        time.sleep(_WATCH_SECONDS)


def _show_file(deployment: Deployment, what: str, as_json: bool) -> bool:
    """Print a file's story; whether it can change no more by itself."""
    stories = run(_stories(deployment.ingest_bucket, what))
    if as_json:
        console.print_json({"files": [story.model_dump(mode="json") for story in stories]})
    else:
        for n, story in enumerate(stories):
            if n:
                console.print_line()
            show_story(story)
    return all(story.status in ("done", "failed", "resolved") for story in stories)


def _show_page(deployment: Deployment, request: Request) -> bool:
    """Print one look at everything, which never settles."""
    page = run(_page(deployment, request))
    if request.whole_stories:
        console.print_json(page.to_json())
        return False
    if not request.only_failed:
        show_everything(page.everything)
        console.print_line()
    if page.lines:
        show_files(page.lines)
    elif request.only_failed:
        console.say("No file has failed.")
    if page.left_out:
        console.say(
            f"{console.counted(page.left_out, 'more file')}: see --limit, or `landfall status FILE_ID`."
        )
    return False


async def _stories(bucket: str, what: str) -> list[FileStory]:
    async with Clients() as clients:
        return await find_stories(ObjectStore(await clients.s3()), bucket, what)


async def _page(deployment: Deployment, request: Request) -> Page:
    async with Clients() as clients:
        store, bucket = ObjectStore(await clients.s3()), deployment.ingest_bucket
        days = days_since(request.start, datetime.now(UTC)) if request.start else [today()]
        found = await survey(store, bucket, days)
        every = _in_order(found, request)
        shown = every[: request.limit]

        async def story(each: FileState | LandedFile) -> FileStory | None:
            if isinstance(each, LandedFile):
                return landed_only(each)
            try:
                return await tell(store, bucket, each)
            except OtherDeployment:
                return None  # its line says so; its story is told where it landed

        async def line(each: FileState | LandedFile) -> FileLine:
            return landed_line(each) if isinstance(each, LandedFile) else await line_of(store, bucket, each)

        stories, lines, everything = await asyncio.gather(
            for_each(shown if request.whole_stories else [], story, LISTINGS_AT_ONCE),
            for_each([] if request.whole_stories else shown, line, LISTINGS_AT_ONCE),
            overview(clients, deployment, found, days),
        )
        own = [each for each in stories if each is not None]
        return Page(everything, own, lines, left_out=len(every) - max(len(own), len(lines)))


def _in_order(found: Survey, request: Request) -> list[FileState | LandedFile]:
    """Those that need somebody first: failed, in work, landed, and then the latest that are done."""
    start = request.start
    states = [state for state in found.unfinished if start is None or state.since >= start]
    failed = sorted((state for state in states if state.status == "failed"), key=lambda state: state.since)
    if request.only_failed:
        return [*failed]
    working = sorted((state for state in states if state.status != "failed"), key=lambda state: state.since)
    done = [state for state in found.states if state.status in CLOSED]
    done.sort(key=lambda state: state.since, reverse=True)
    return [*failed, *working, *found.landed, *done]
