"""``landfall dlq``: what the stages gave up on, and how it goes back to work or is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from landfall import console
from landfall.asking import confirm
from landfall.commands.story_view import show_story
from landfall.deployment import Queue
from landfall.errors import OperatorError
from landfall.operating.dead_letters import DeadLetter, held
from landfall.operating.letter_moves import drop as drop_letters
from landfall.operating.letter_moves import move_all, send_back
from landfall.operating.operators import new_replay
from landfall.operating.story import FileStory, story_of
from landfall.target import Target, find_target, run
from landfall.times import moment, span
from shared.aws.clients import Clients
from shared.objects.store import ObjectStore
from shared.stages import Stage

dlq_app = typer.Typer()

_Names = Annotated[
    list[str] | None, typer.Argument(help="File ids or message ids.", metavar="[FILE_ID|MESSAGE_ID]...")
]
_Stage = Annotated[Stage | None, typer.Option("--stage", help="Only of this stage.")]
_Code = Annotated[str | None, typer.Option("--code", help="Only with this error code.")]
_Since = Annotated[
    str | None, typer.Option("--since", help="Only those not older than: 90m, 12h, 7d or 2026-01-31.")
]
_All = Annotated[bool, typer.Option("--all", help="All that the other options leave.")]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which ones.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, however many they are.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which dead letters are meant."""

    names: list[str]
    stage: Stage | None
    code: str | None
    since: datetime | None
    every: bool

    @classmethod
    def of(
        cls, names: list[str] | None, stage: Stage | None, code: str | None, since: str | None, every: bool
    ) -> _Choice:
        choice = cls(names or [], stage, code, moment(since) if since else None, every)
        if bool(choice.names) == every:
            raise typer.BadParameter("name files or messages, or give --all, with --stage, --code or --since")
        return choice

    @property
    def whole_queues(self) -> bool:
        return self.every and self.code is None and self.since is None

    def queues(self, target: Target) -> dict[Stage, Queue]:
        every = target.deployment.queues
        return every if self.stage is None else {self.stage: every[self.stage]}

    def takes(self, letter: DeadLetter) -> bool:
        return (
            (self.code is None or letter.code == self.code)
            and (self.since is None or letter.sent_at >= self.since)
            and (not self.names or letter.is_about(self.names))
        )


@dlq_app.command("ls")
def ls(stage: _Stage = None, code: _Code = None, since: _Since = None, as_json: _Json = False) -> None:
    """List dead letters with their file, reason, age and attempts."""
    target = find_target()
    choice = _Choice([], stage, code, moment(since) if since else None, every=True)
    with held(target.sqs(), choice.queues(target)) as letters:
        chosen = [letter for letter in letters if choice.takes(letter)]
    if as_json:
        console.print_json({"dead_letters": [_facts(letter) for letter in chosen]})
    elif chosen:
        _show(chosen)
    else:
        console.say("No dead letters.")


@dlq_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A file id or a message id.", metavar="FILE_ID|MESSAGE_ID")],
    as_json: _Json = False,
) -> None:
    """Show all that is known of one dead letter and its file."""
    target = find_target()
    choice = _Choice([name], None, None, None, every=False)
    with held(target.sqs(), target.deployment.queues) as letters:
        chosen = [letter for letter in letters if choice.takes(letter)]
    if not chosen:
        raise OperatorError(f"No dead letter is about {name}: see `landfall dlq ls`.")
    stories = run(_stories(target.deployment.ingest_bucket, chosen))
    if as_json:
        told = [story.model_dump(mode="json") for story in stories]
        console.print_json({"dead_letters": [_facts(letter) for letter in chosen], "files": told})
        return
    for letter in chosen:
        console.print_facts([(key, str(value)) for key, value in _facts(letter).items()])
    for story in stories:
        console.print_line()
        show_story(story)


@dlq_app.command("replay")
def replay(
    names: _Names = None,
    every: _All = False,
    stage: _Stage = None,
    code: _Code = None,
    since: _Since = None,
    dry_run: _DryRun = False,
    yes: _Yes = False,
    as_json: _Json = False,
) -> None:
    """Send dead letters back to their stage's queue."""
    target = find_target()
    choice = _Choice.of(names, stage, code, since, every)
    if choice.whole_queues and target.on_aws and not dry_run:
        _move_whole_queues(target, choice.queues(target), yes=yes, as_json=as_json)
        return
    chosen = _choose(target, choice)
    if not dry_run:
        confirm(f"Send {len(chosen)} dead letters back?", several=len(chosen) > 1, yes=yes)
        asked = new_replay(target)
        with held(target.sqs(), choice.queues(target)) as letters:
            send_back(target.sqs(), target.deployment.queues, _same(letters, chosen), asked)
    _report("replayed", "went back to its queue", chosen, dry_run=dry_run, as_json=as_json)


@dlq_app.command("drop")
def drop(
    names: _Names = None,
    every: _All = False,
    stage: _Stage = None,
    code: _Code = None,
    since: _Since = None,
    dry_run: _DryRun = False,
    yes: _Yes = False,
    as_json: _Json = False,
) -> None:
    """Delete dead letters for good; the originals of their files stay in landing/."""
    target = find_target()
    choice = _Choice.of(names, stage, code, since, every)
    chosen = _choose(target, choice)
    if not dry_run:
        confirm(f"Drop {len(chosen)} dead letters for good?", several=len(chosen) > 1, yes=yes)
        with held(target.sqs(), choice.queues(target)) as letters:
            drop_letters(target.sqs(), target.deployment.queues, _same(letters, chosen))
    _report("dropped", "was dropped", chosen, dry_run=dry_run, as_json=as_json)


def _choose(target: Target, choice: _Choice) -> list[DeadLetter]:
    with held(target.sqs(), choice.queues(target)) as letters:
        chosen = [letter for letter in letters if choice.takes(letter)]
    if not chosen and choice.names:
        raise OperatorError("No dead letter is about that: see `landfall dlq ls`.")
    return chosen


def _same(letters: list[DeadLetter], chosen: list[DeadLetter]) -> list[DeadLetter]:
    """Those that were chosen, as they are held now: nothing is held while a person thinks."""
    ids = {letter.message_id for letter in chosen}
    return [letter for letter in letters if letter.message_id in ids]


def _move_whole_queues(target: Target, queues: dict[Stage, Queue], *, yes: bool, as_json: bool) -> None:
    names = " and ".join(queues)
    confirm(f"Send all dead letters of {names} back?", several=True, yes=yes)
    moved = {str(stage): move_all(target.sqs(), queue) for stage, queue in queues.items()}
    if as_json:
        console.print_json({"replayed": [], "moved": moved, "dry_run": False})
        return
    for stage, count in moved.items():
        console.print_line(f"{count:,} went back to the {stage} queue")


def _report(verb: str, done: str, letters: list[DeadLetter], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        console.print_json({verb: [_facts(letter) for letter in letters], "dry_run": dry_run})
        return
    for letter in letters:
        what = f"{' '.join(letter.file_ids) or letter.message_id} ({letter.stage}, {letter.code})"
        console.print_line(f"{what} would be {verb}" if dry_run else f"{what} {done}")
    if not letters:
        console.say("No dead letters.")


def _show(letters: list[DeadLetter]) -> None:
    now = datetime.now(UTC)
    console.print_table(
        ("stage", "file id", "file", "code", "age", "attempts", "reason"),
        [
            (
                letter.stage,
                " ".join(letter.file_ids) or letter.message_id,
                " ".join(letter.keys),
                letter.code,
                span((now - letter.sent_at).total_seconds()),
                "" if letter.attempts is None else str(letter.attempts),
                letter.reason,
            )
            for letter in letters
        ],
    )


def _facts(letter: DeadLetter) -> dict[str, object]:
    return {
        "stage": letter.stage,
        "message_id": letter.message_id,
        "file_ids": letter.file_ids,
        "keys": letter.keys,
        "code": letter.code,
        "reason": letter.reason,
        "sent_at": letter.sent_at.isoformat(),
        "age_seconds": round((datetime.now(UTC) - letter.sent_at).total_seconds(), 1),
        "attempts": letter.attempts,
    }


async def _stories(bucket: str, letters: list[DeadLetter]) -> list[FileStory]:
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        found = [await story_of(store, bucket, each) for letter in letters for each in letter.file_ids]
        return [story for story in found if story is not None]
