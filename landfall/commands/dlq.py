"""``landfall dlq``: what the stages gave up on, and how it goes back to work."""

from __future__ import annotations

from typing import Annotated

import typer

from landfall import console
from landfall.dead_letters import DeadLetter, held, send_back
from landfall.errors import OperatorError
from landfall.target import find_target

dlq_app = typer.Typer()

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dlq_app.command("ls")
def ls(as_json: _Json = False) -> None:
    """List every dead letter with its file and reason."""
    target = find_target()
    with held(target.sqs(), target.deployment.queues) as letters:
        if as_json:
            console.print_json({"dead_letters": [_facts(letter) for letter in letters]})
        elif letters:
            console.print_table(
                ("stage", "file id", "file", "code", "reason"),
                [
                    (
                        letter.stage,
                        " ".join(letter.file_ids),
                        " ".join(letter.keys),
                        letter.code,
                        letter.reason,
                    )
                    for letter in letters
                ],
            )
        else:
            console.say("No dead letters.")


@dlq_app.command("replay")
def replay(
    what: Annotated[
        list[str] | None, typer.Argument(help="File ids or message ids.", metavar="[FILE_ID]...")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All dead letters of all stages.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be sent back.")] = False,
    as_json: _Json = False,
) -> None:
    """Send dead letters back to their stage's queue."""
    if bool(what) == every:
        raise typer.BadParameter("name files, or give --all")
    target = find_target()
    sqs, queues = target.sqs(), target.deployment.queues
    with held(sqs, queues) as letters:
        chosen = letters if every else [letter for letter in letters if _is_meant(letter, what or [])]
        if not chosen and not every:
            raise OperatorError("No dead letter is about that: see `landfall dlq ls`.")
        if not dry_run:
            for letter in chosen:
                send_back(sqs, queues, letter)
    if as_json:
        console.print_json({"replayed": [_facts(letter) for letter in chosen], "dry_run": dry_run})
        return
    for letter in chosen:
        verb = "would go back" if dry_run else "went back"
        print(f"{' '.join(letter.file_ids) or letter.message_id} {verb} to the {letter.stage} queue")
    if not chosen:
        console.say("No dead letters.")


def _is_meant(letter: DeadLetter, what: list[str]) -> bool:
    return letter.message_id in what or bool(set(letter.file_ids) & set(what))


def _facts(letter: DeadLetter) -> dict[str, object]:
    return {
        "stage": letter.stage,
        "message_id": letter.message_id,
        "file_ids": letter.file_ids,
        "keys": letter.keys,
        "code": letter.code,
        "reason": letter.reason,
    }
