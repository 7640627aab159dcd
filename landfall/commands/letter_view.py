"""How dead letters are printed, for people and programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from landfall import console
from landfall.operating.dead_letters import DeadLetter
from landfall.times import span

_EACH_UP_TO = 20
_NAMES_UP_TO = 2


def show_letters(letters: Sequence[DeadLetter]) -> None:
    """A line a letter, then how many there are of each kind."""
    now = datetime.now(UTC)
    console.print_table(
        ("stage", "file id", "code", "age", "attempts", "reason", "file"),
        [
            (
                letter.stage,
                _shortened(letter.file_ids) or letter.message_id,
                letter.code,
                span((now - letter.sent_at).total_seconds()),
                "" if letter.attempts is None else str(letter.attempts),
                letter.reason,
                _shortened(letter.keys),  # last, since it may be long
            )
            for letter in letters
        ],
    )
    if len(letters) > 1:
        console.say(f"{console.counted(len(letters), 'dead letter')}: {kinds(letters)}.")


def _shortened(names: Sequence[str]) -> str:
    """The first few of a message's names: one message may have thousands, and all lines are as wide."""
    shown = " ".join(names[:_NAMES_UP_TO])
    return shown if len(names) <= _NAMES_UP_TO else f"{shown} and {len(names) - _NAMES_UP_TO:,} more"


def show_letter(letter: DeadLetter) -> None:
    """All of one letter."""
    age = span((datetime.now(UTC) - letter.sent_at).total_seconds())
    console.print_facts(
        [
            ("dead letter", letter.message_id),
            ("stage", letter.stage),
            ("file id", " ".join(letter.file_ids) or "none"),
            ("code", letter.code),
            ("reason", letter.reason),
            ("sent", f"{letter.sent_at:%Y-%m-%d %H:%M:%S} UTC, {age} ago"),
            ("attempts", "unknown" if letter.attempts is None else str(letter.attempts)),
        ]
    )


def report(verb: str, done: str, letters: Sequence[DeadLetter], *, dry_run: bool, as_json: bool) -> None:
    """What was done with letters, or would be: each of a few, of many how many of each kind."""
    if as_json:
        console.print_json({verb: [facts(letter) for letter in letters], "dry_run": dry_run})
        return
    if not letters:
        console.say("No dead letters.")
        return
    for letter in letters if len(letters) <= _EACH_UP_TO else ():
        what = f"{' '.join(letter.file_ids) or letter.message_id} ({letter.stage}, {letter.code})"
        console.print_line(f"{what} would be {verb}" if dry_run else f"{what} {done}")
    if len(letters) > _EACH_UP_TO:
        would_be = "would be " if dry_run else ""
        console.print_line(f"{len(letters):,} dead letters {would_be}{verb}: {kinds(letters)}")


def kinds(letters: Sequence[DeadLetter]) -> str:
    """How many there are of each code and stage, the most frequent first."""
    counted = Counter((letter.code, letter.stage) for letter in letters)
    return ", ".join(f"{count:,} {code} in {stage}" for (code, stage), count in counted.most_common())


def facts(letter: DeadLetter) -> dict[str, object]:
    """One letter as JSON."""
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
