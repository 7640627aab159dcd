"""How files and their stories are printed for a person."""

from __future__ import annotations

from collections.abc import Sequence

from landfall import console
from landfall.operating.lines import FileLine
from landfall.operating.story_parts import FileStory, ReplayStory
from shared.manifests import MemberCounts


def show_files(lines: Sequence[FileLine]) -> None:
    """A line a file."""
    console.print_table(
        ("file id", "status", "stands at", "rows in", "rows out", "rejected", "file"),
        [
            (
                line.file_id,
                line.status,
                line.stands,
                f"{line.rows_in:,}",
                f"{line.rows_out:,}",
                f"{line.rows_rejected:,}",
                line.key,  # last, since it may be long
            )
            for line in lines
        ],
    )


def _members(counts: MemberCounts) -> str:
    return (
        f"{counts.members_in:,} in = {counts.normalized:,} normalized + {counts.unmatched:,} unmatched "
        f"+ {counts.skipped:,} skipped"
    )


def _acceptance(replay: ReplayStory) -> str:
    return f", who accepts fewer rows because: {replay.because}" if replay.accepts_shrink else ""


def show_story(story: FileStory) -> None:
    """One file's whole story."""
    console.print_facts(
        [
            ("file", f"s3://{story.file.bucket}/{story.file.key} (version {story.file.version_id})"),
            ("file id", story.file_id),
            ("landed", f"{story.file.landed_at:%Y-%m-%d %H:%M:%S} UTC, {story.file.size:,} bytes"),
            ("status", story.status),
            ("trace id", story.trace_id),
            *([("members", _members(story.members))] if story.members else []),
            *(
                (
                    f"generation {each.generation}",
                    f"from {each.from_stage}, asked by {each.requested_by} "
                    f"at {each.requested_at:%Y-%m-%d %H:%M:%S} UTC{_acceptance(each)}",
                )
                for each in story.replays
            ),
            *((f"archived {n}", address) for n, address in enumerate(story.archived, 1)),
        ]
    )
    if story.stages:
        console.print_line()
        console.print_table(
            ("stage", "generation", "status", "ended (UTC)", "waited", "seconds", "attempts", "failures"),
            [
                (
                    stage.stage,
                    str(stage.generation),
                    stage.status,
                    f"{stage.finished_at:%Y-%m-%d %H:%M:%S}",
                    "" if stage.waited_seconds is None else f"{stage.waited_seconds:.2f}",
                    "" if stage.seconds is None else f"{stage.seconds:.2f}",
                    str(stage.attempts),
                    str(stage.failures),
                )
                for stage in story.stages
            ],
        )
    if story.datasets:
        console.print_line()
        console.print_table(
            ("dataset", "member", "recipe", "match keys", "rows in", "rows out", "rejected", "output"),
            [
                (
                    each.dataset,
                    each.member,
                    each.recipe,
                    ", ".join(each.profiles) or "-",
                    f"{each.rows.rows_in:,}",
                    f"{each.rows.rows_out:,}",
                    f"{each.rows.rejected:,}",
                    each.output,
                )
                for each in story.datasets
            ],
        )
    if story.warnings:
        console.print_line()
        console.print_facts(
            [(each.code, ": ".join(filter(None, (each.member, each.message)))) for each in story.warnings]
        )
    if story.failure:
        console.print_line()
        console.print_facts(
            [
                ("failed in", story.failure.stage),
                (story.failure.code, story.failure.message),
                ("what to do", story.failure.advice),
                ("replay", story.failure.replay_command),
            ]
        )
    if story.resolution:
        closed = story.resolution
        at = f"{closed.resolved_at:%Y-%m-%d %H:%M:%S} UTC"
        console.print_facts([("resolved", f"by {closed.resolved_by} at {at}: {closed.because}")])
