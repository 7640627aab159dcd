"""``landfall dlq``: what the stages gave up on, and how it goes back to work or is dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as with_changes
from datetime import UTC, datetime
from typing import Annotated

import typer

from landfall import console
from landfall.asking import confirm
from landfall.commands.letter_choice import All, Choice, DryRun, Json, Names, OfCode, OfStage, Since, Yes
from landfall.commands.letter_view import facts, report, show_letter, show_letters
from landfall.commands.story_view import show_story
from landfall.deployment import Queue
from landfall.operating.dead_letters import DeadLetter, held
from landfall.operating.finding import file_id_in
from landfall.operating.letter_moves import drop as drop_letters
from landfall.operating.letter_moves import move_all, send_back
from landfall.operating.move_records import QueueMove, QueueMoveResult, record_move, record_move_result
from landfall.operating.operators import new_replay
from landfall.operating.story import story_of
from landfall.operating.story_parts import FileStory
from landfall.progress import progress
from landfall.target import Target, find_target, run
from shared.aws.clients import Clients
from shared.objects.store import ObjectStore
from shared.stages import Stage

_AT_ONCE = 50  # letters between two signs of progress

dlq_app = typer.Typer()


@dlq_app.command("ls")
def ls(stage: OfStage = None, code: OfCode = None, since: Since = None, as_json: Json = False) -> None:
    """List dead letters with their file, reason, age and attempts."""
    letters = Choice.of(None, stage, code, since).look(find_target())
    if as_json:
        console.print_json({"dead_letters": [facts(letter) for letter in letters]})
    elif letters:
        show_letters(letters)
    else:
        console.say("No dead letters.")


@dlq_app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A file id or a message id.", metavar="FILE_ID|MESSAGE_ID")],
    as_json: Json = False,
) -> None:
    """Show all that is known of one dead letter and its file."""
    target = find_target()
    letters = Choice([name]).look(target)
    stories = run(_stories(target.deployment.ingest_bucket, name, letters))
    if as_json:
        told = [story.model_dump(mode="json") for story in stories]
        console.print_json({"dead_letters": [facts(letter) for letter in letters], "files": told})
        return
    for letter in letters:
        show_letter(letter)
    for story in stories:
        console.print_line()
        show_story(story)


@dlq_app.command("replay")
def replay(
    names: Names = None,
    every: All = False,
    stage: OfStage = None,
    code: OfCode = None,
    since: Since = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Send dead letters back to their stage's queue."""
    choice, target = Choice.of(names, stage, code, since).require(every=every), find_target()
    if choice.is_whole_queues and target.on_aws and not dry_run:
        _move_whole_queues(target, choice.queues(target), yes=yes, as_json=as_json)
        return

    def go_back(letters: list[DeadLetter]) -> None:
        send_back(target.sqs(), target.deployment.queues, letters, new_replay(target))

    own = with_changes(choice, only_bucket=target.deployment.ingest_bucket)
    done = _act(target, own, None if dry_run else go_back, "Send {} back?", "Sent back", yes=yes)
    report("replayed", "went back to its queue", done, dry_run=dry_run, as_json=as_json)


@dlq_app.command("drop")
def drop(
    names: Names = None,
    every: All = False,
    stage: OfStage = None,
    code: OfCode = None,
    since: Since = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete dead letters for good; the originals of their files stay in landing/."""
    choice, target = Choice.of(names, stage, code, since).require(every=every), find_target()

    def go(letters: list[DeadLetter]) -> None:
        drop_letters(target.sqs(), target.deployment.queues, letters)

    done = _act(target, choice, None if dry_run else go, "Drop {} for good?", "Dropped", yes=yes)
    report("dropped", "was dropped", done, dry_run=dry_run, as_json=as_json)


def _act(
    target: Target,
    choice: Choice,
    act: Callable[[list[DeadLetter]], None] | None,
    question: str,
    label: str,
    *,
    yes: bool,
) -> list[DeadLetter]:
    """Choose, ask, and act; without an action only choose. Nothing is held while a person thinks.

    Returns:
        What was acted on: those of the chosen that were still there.
    """
    chosen = choice.look(target)
    if act is None or not chosen:
        return chosen
    asked = question.format(console.counted(len(chosen), "dead letter"))
    confirm(asked, several=len(chosen) > 1, yes=yes)
    ids = {letter.message_id for letter in chosen}
    with held(target.sqs(), choice.queues(target)) as letters:
        there = [letter for letter in letters if letter.message_id in ids]
        with progress(label, len(there)) as advance:
            for start in range(0, len(there), _AT_ONCE):
                act(there[start : start + _AT_ONCE])
                advance(len(there[start : start + _AT_ONCE]))
    return there


def _move_whole_queues(target: Target, queues: dict[Stage, Queue], *, yes: bool, as_json: bool) -> None:
    confirm(f"Send all dead letters of {' and '.join(queues)} back?", several=True, yes=yes)
    asked = new_replay(target)
    move = QueueMove(replay=asked, stages=tuple(queues))
    key = run(_record(target.deployment.ingest_bucket, move))
    counts = {stage: move_all(target.sqs(), queue) for stage, queue in queues.items()}
    result = QueueMoveResult(replay_id=asked.replay_id, moved=counts, ended_at=datetime.now(UTC))
    run(_record_result(target.deployment.ingest_bucket, result))
    moved = {str(stage): count for stage, count in counts.items()}
    if as_json:
        told = {"replay_id": asked.replay_id, "requested_by": asked.requested_by, "record": key}
        console.print_json({"replayed": [], "moved": moved, **told, "dry_run": False})
        return
    for stage, count in moved.items():
        console.print_line(f"{console.counted(count, 'letter')} went back to the {stage} queue")


async def _record(bucket: str, move: QueueMove) -> str:
    async with Clients() as clients:
        return await record_move(ObjectStore(await clients.s3()), bucket, move)


async def _record_result(bucket: str, result: QueueMoveResult) -> None:
    async with Clients() as clients:
        await record_move_result(ObjectStore(await clients.s3()), bucket, result)


async def _stories(bucket: str, name: str, letters: list[DeadLetter]) -> list[FileStory]:
    """Of the letters' files, and of the one that was named: a letter may have its day wrong."""
    named = file_id_in(name)
    ids = dict.fromkeys([each for letter in letters for each in letter.file_ids] + ([named] if named else []))
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        found = [await story_of(store, bucket, each) for each in ids]
        return [story for story in found if story is not None]
