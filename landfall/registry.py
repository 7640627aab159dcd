"""Every command of ``landfall``: its name, where its code is, and what its help screen says.

The code of a command is imported only when that command is given, so that ``landfall --help`` need not load
the libraries of all of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import typer


@dataclass(frozen=True, slots=True)
class Entry:
    """One command, or a group of commands.

    ``target`` is ``module:attribute``: a function with typer parameters, or a ``typer.Typer``. ``examples``
    are by subcommand for a group; the command or group itself has ``""``.
    """

    name: str
    target: str
    summary: str
    examples: Mapping[str, str] = field(default_factory=dict)

    def load(self) -> Callable[..., Any] | typer.Typer:
        """Import the command's code."""
        module, _, attribute = self.target.partition(":")
        loaded: Callable[..., Any] | typer.Typer = getattr(importlib.import_module(module), attribute)
        return loaded

    def epilog(self, subcommand: str = "") -> str | None:
        """The example as it stands at the end of the help screen."""
        example = self.examples.get(subcommand)
        return f"Example: {example}" if example else None


COMMANDS = (
    Entry(
        "demo",
        "landfall.commands.demo:demo",
        "Send a whole extract through the chain on this machine and verify it.",
        {"": "landfall demo --subscribers 1000 --events 5000"},
    ),
    Entry(
        "local",
        "landfall.commands.local:local_app",
        "Run the whole chain on this machine.",
        {
            "": "landfall local up",
            "up": "landfall local up",
            "restart": "landfall local restart normalizer",
            "down": "landfall local down",
            "status": "landfall local status --json",
        },
    ),
    Entry(
        "put",
        "landfall.commands.put:put",
        "Land a file as Salesforce Marketing Cloud would.",
        {"": "landfall put Subscribers.csv --as bu1/Subscribers.csv --encrypt esdk"},
    ),
    Entry(
        "status",
        "landfall.commands.status:status",
        "Show where a file is, or how all recent files stand.",
        {"": "landfall status 20260131-0123456789abcdef --json"},
    ),
    Entry(
        "dlq",
        "landfall.commands.dlq:dlq_app",
        "See what failed and send it back to work.",
        {
            "": "landfall dlq ls",
            "ls": "landfall dlq ls --json",
            "show": "landfall dlq show 20260131-0123456789abcdef",
            "replay": "landfall dlq replay --all --code KMS_KEY_NOT_ALLOWED --dry-run",
            "drop": "landfall dlq drop 20260131-0123456789abcdef",
        },
    ),
    Entry(
        "replay",
        "landfall.commands.replay:replay",
        "Have files run again, from landing, raw or archive.",
        {"": "landfall replay 20260131-0123456789abcdef --from normalize --force"},
    ),
    Entry(
        "resolve",
        "landfall.commands.resolve:resolve",
        "Close the failure of a file that is not to be replayed.",
        {"": 'landfall resolve 20260131-0123456789abcdef --because "sent again as 20260201_Extract.zip"'},
    ),
    Entry(
        "backfill",
        "landfall.commands.backfill:backfill",
        "Send files that landed before Landfall was there on their way.",
        {"": "landfall backfill landing/2025/ --rate 5"},
    ),
    Entry(
        "sweep",
        "landfall.commands.sweep:sweep",
        "Find what stands still or was left over, and repair it.",
        {"": "landfall sweep --full --fix"},
    ),
    Entry(
        "verify",
        "landfall.commands.verify:verify",
        "Compare a dataset's table, its objects and the manifests.",
        {"": "landfall verify sent --json"},
    ),
    Entry(
        "normalize",
        "landfall.commands.normalize:normalize",
        "Turn a CSV file into the Parquet that the normalizer would write.",
        {"": "landfall normalize Subscribers.csv --recipe subscribers --out curated --json"},
    ),
    Entry(
        "recipe",
        "landfall.commands.recipe:recipe_app",
        "See, check and try the recipes that say what of a file may leave.",
        {
            "": "landfall recipe list",
            "list": "landfall recipe list --json",
            "check": "landfall recipe check recipes/sent.yaml --sample Sent.csv",
            "upgrade": "landfall recipe upgrade subscribers --replay --yes",
        },
    ),
    Entry(
        "decrypt",
        "landfall.commands.decrypt:decrypt",
        "Turn a landed file into the members that the decryptor would write.",
        {"": "landfall decrypt 20260131_Extract.zip --out members --json"},
    ),
    Entry(
        "match-key",
        "landfall.commands.match_key:match_key",
        "Normalise and hash values, one a line, as a partner's standard asks.",
        {"": "printf 'Ada@Example.com' | landfall match-key --profile plain --field email --json"},
    ),
    Entry(
        "deploy",
        "landfall.commands.deploy:deploy",
        "Bring the CloudFormation stacks to their templates.",
        {"": "landfall deploy --dry-run"},
    ),
    Entry(
        "destroy",
        "landfall.commands.deploy:destroy",
        "Delete the CloudFormation stacks, unless the buckets hold data.",
        {"": "landfall destroy --prefix my-test"},
    ),
)
