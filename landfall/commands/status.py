"""``landfall status``: where a file is, or how all of today's files stand."""

from __future__ import annotations

from typing import Annotated

import typer

from landfall import console
from landfall.finding import find_stories
from landfall.story import FileStory
from landfall.target import find_target, run
from shared.aws.clients import Clients
from shared.objects.store import ObjectStore


def status(
    what: Annotated[
        str | None,
        typer.Argument(
            help="A file id or s3://bucket/landing/…; without it, what landed today or yesterday.",
            metavar="[FILE_ID|S3URI]",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help='Print {"files": […]}.')] = False,
) -> None:
    """Show a file's whole story, or a line for each recent file."""
    bucket = find_target().deployment.ingest_bucket
    stories = run(_stories(bucket, what))
    if as_json:
        console.print_json({"files": [story.model_dump(mode="json") for story in stories]})
    elif what is not None:
        for story in stories:
            show(story)
    elif stories:
        console.print_table(("file id", "file", "status", "stage", "rows in", "rows out", "rejected"), [
            (
                story.file_id,
                story.file.key,
                story.status,
                story.failure.code if story.failure else story.stage or "",
                f"{story.rows_in:,}",
                f"{story.rows_out:,}",
                f"{story.rows_rejected:,}",
            )
            for story in stories
        ])  # fmt: skip
    else:
        console.say("No file landed today or yesterday.")


async def _stories(bucket: str, what: str | None) -> list[FileStory]:
    async with Clients() as clients:
        return await find_stories(ObjectStore(await clients.s3()), bucket, what)


def show(story: FileStory) -> None:
    """Print one file's story for a person."""
    console.print_facts(
        [
            ("file", f"s3://{story.file.bucket}/{story.file.key} (version {story.file.version_id})"),
            ("file id", story.file_id),
            ("landed", f"{story.file.landed_at:%Y-%m-%d %H:%M:%S} UTC, {story.file.size:,} bytes"),
            ("status", story.status),
            *((f"archived {n}", address) for n, address in enumerate(story.archived, 1)),
        ]
    )
    if story.stages:
        console.print_table(
            ("stage", "status", "ended (UTC)", "seconds", "attempts", "failures"),
            [
                (
                    stage.stage,
                    stage.status,
                    f"{stage.finished_at:%H:%M:%S}",
                    "" if stage.seconds is None else f"{stage.seconds:.2f}",
                    str(stage.attempts),
                    str(stage.failures),
                )
                for stage in story.stages
            ],
        )
    if story.datasets:
        console.print_table(
            ("dataset", "member", "rows in", "rows out", "rejected", "output"),
            [
                (
                    each.dataset,
                    each.member,
                    f"{each.rows.rows_in:,}",
                    f"{each.rows.rows_out:,}",
                    f"{each.rows.rejected:,}",
                    each.output,
                )
                for each in story.datasets
            ],
        )
    for notice in story.warnings:
        console.print_facts([(notice.code, f"{notice.member or ''}: {notice.message}")])
    if story.failure:
        console.print_facts(
            [
                ("failed in", story.failure.stage),
                (story.failure.code, story.failure.message),
                ("what to do", story.failure.advice),
                ("replay", story.failure.replay_command),
            ]
        )
