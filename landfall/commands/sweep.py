"""``landfall sweep``: find what stands still or was left over, and repair it."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from landfall import console
from landfall.operating.sweeping.findings import Finding
from landfall.operating.sweeping.overdue import parse_expected
from landfall.operating.sweeping.sweep import Scope
from landfall.operating.sweeping.sweep import sweep as sweep_all
from landfall.target import find_target, run
from landfall.times import moment
from shared.logs import configure_logging

_LIGHT_SINCE, _FULL_SINCE = "3d", "31d"


def sweep(
    full: Annotated[
        bool,
        typer.Option("--full", help="Also look for leftovers in both buckets and for empty partitions."),
    ] = False,
    announce: Annotated[
        bool,
        typer.Option("--announce", help="Make an error outcome of what stands still, once; change nothing."),
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Announce, and repair what can be repaired.")] = False,
    older_than: Annotated[str, typer.Option(help="How long a file may stand still: 30m, 2h, 1d.")] = "1h",
    left_for: Annotated[str, typer.Option(help="How old a leftover must be.")] = "1d",
    since: Annotated[
        str | None,
        typer.Option(
            help="Files that landed since then; what is in landing/ or was opened again is looked at "
            f"however old. By default {_LIGHT_SINCE}, with --full {_FULL_SINCE}."
        ),
    ] = None,
    expect: Annotated[
        str,
        typer.Option(
            envvar="LANDFALL_EXPECTED",
            help="How often a file comes into a folder of landing/, where it is not learnt: "
            "SalesForce/daily=26h,SalesForce/adhoc=off.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find files and dead letters that nobody has told of, and what runs that died have left."""
    # The scheduled sweep asks for JSON, and CloudWatch makes metrics of its log; a person wants neither.
    configure_logging("sweep", "INFO" if as_json else "WARNING", sys.stderr)
    now = datetime.now(UTC)
    scope = Scope(
        full=full,
        announce=announce,
        fix=fix,
        older_than=now - moment(older_than, now),
        left_for=now - moment(left_for, now),
        since=moment(since or (_FULL_SINCE if full else _LIGHT_SINCE), now),
        expected=parse_expected(expect),
    )
    findings = run(sweep_all(find_target(), scope))
    if as_json:
        _print_json(findings, scope)
    elif findings:
        console.print_table(
            ("finding", "where", "detail", "done"),
            [(each.kind, each.where, each.detail, each.done or "") for each in findings],
        )
        if any(each.done is None for each in findings) and not fix:
            console.say("Nothing was changed: --fix repairs what can be repaired (docs/operations.md).")
    else:
        console.say("Nothing stands still, and nothing was left over.")


def _print_json(findings: Sequence[Finding], scope: Scope) -> None:
    console.print_json(
        {
            "findings": [dataclasses.asdict(each) for each in findings],
            "counts": dict(Counter(each.kind for each in findings)),
            "repaired": sum(each.done is not None for each in findings),
            "full": scope.full,
            "fix": scope.fix,
        }
    )
