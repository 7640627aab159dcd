"""Which dead letters an operator means: by name, or all of a stage, a code, an age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from landfall.console import counted, say
from landfall.deployment import Queue
from landfall.errors import OperatorError
from landfall.operating.dead_letters import DeadLetter, held
from landfall.target import Target
from landfall.times import moment
from shared.errors import OtherDeployment
from shared.stages import Stage

Names = Annotated[
    list[str] | None, typer.Argument(help="File ids or message ids.", metavar="FILE_ID|MESSAGE_ID")
]
OfStage = Annotated[Stage | None, typer.Option("--stage", help="Only of this stage.")]
OfCode = Annotated[str | None, typer.Option("--code", help="Only with this error code.")]
Since = Annotated[
    str | None, typer.Option("--since", help="Only those not older than: 90m, 12h, 7d or 2026-01-31.")
]
All = Annotated[bool, typer.Option("--all", help="All that the other options leave.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which ones.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask, however many they are.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is named, or what a letter must have."""

    names: list[str]
    stage: Stage | None = None
    code: str | None = None
    since: datetime | None = None
    only_bucket: str | None = None
    """Leave out letters about files that landed in any other bucket."""

    @classmethod
    def of(cls, names: list[str] | None, stage: Stage | None, code: str | None, since: str | None) -> Choice:
        """From what the command line says."""
        return cls(names or [], stage, code, moment(since) if since else None)

    def require(self, *, every: bool) -> Choice:
        """Insist on either names or ``--all``: nothing is moved by a word left out."""
        if bool(self.names) == every:
            raise typer.BadParameter("name files or messages, or give --all, with --stage, --code or --since")
        return self

    @property
    def is_whole_queues(self) -> bool:
        """Whether it takes everything that lies in the queues it is about."""
        return not self.names and self.code is None and self.since is None

    def queues(self, target: Target) -> dict[Stage, Queue]:
        """The queues it is about."""
        every = target.deployment.queues
        return every if self.stage is None else {self.stage: every[self.stage]}

    def look(self, target: Target) -> list[DeadLetter]:
        """The letters it takes, which nobody holds afterwards.

        Raises:
            OperatorError: there is none about what is named.
            OtherDeployment: a letter that is named is about a file of another deployment.
        """
        with held(target.sqs(), self.queues(target)) as letters:
            chosen = [letter for letter in letters if self._takes(letter)]
        if self.only_bucket is not None:
            chosen = self._own(chosen, self.only_bucket)
        if not chosen and self.names:
            raise OperatorError(f"No dead letter is about {' or '.join(self.names)}: see `landfall dlq ls`.")
        return chosen

    def _own(self, letters: Sequence[DeadLetter], bucket: str) -> list[DeadLetter]:
        own: list[DeadLetter] = []
        for letter in letters:
            try:
                for file in letter.files:
                    file.require_bucket(bucket)
                own.append(letter)
            except OtherDeployment:
                if self.names:
                    raise
        if len(own) < len(letters):
            left = counted(len(letters) - len(own), "dead letter")
            say(f"{left} of files that landed in another deployment's bucket: left where they are.")
        return own

    def _takes(self, letter: DeadLetter) -> bool:
        return (
            (self.code is None or letter.code == self.code)
            and (self.since is None or letter.sent_at >= self.since)
            and (not self.names or letter.is_about(self.names))
        )
