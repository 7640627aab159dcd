"""``landfall verify``: whether a dataset's table shows exactly what its files brought."""

from __future__ import annotations

from typing import Annotated

import typer

from landfall import console
from landfall.target import find_target, run
from landfall.times import moment
from landfall.verifying.athena import Athena
from landfall.verifying.report import EngineAnswer, Verification
from landfall.verifying.verification import Scope
from landfall.verifying.verification import verify as verify_dataset


def verify(
    dataset: Annotated[str, typer.Argument(help="A dataset, which is also the name of its table.")],
    since: Annotated[
        str | None,
        typer.Option(help="Only files that landed since that day: 7d or 2026-01-31; by default all."),
    ] = None,
    athena: Annotated[
        bool,
        typer.Option(
            "--athena/--no-athena",
            help="Ask Athena, too. An emulator's ignores the catalog and is never asked.",
        ),
    ] = True,
    workgroup: Annotated[str, typer.Option(help="Athena's work group.")] = "primary",
    athena_output: Annotated[
        str | None,
        typer.Option(help="s3:// folder for Athena's results, where the work group has none."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare the catalog, the objects it registers and the manifests, and count the rows by SQL.

    Exits with 1 if anything disagrees.
    """
    target = find_target()
    engine: Athena | str = Athena(workgroup, athena_output)
    if not target.on_aws:
        engine = "an emulator's ignores the catalog and would prove nothing"
    elif not athena:
        engine = "left out by --no-athena"
    first = moment(since).date() if since else None
    result = run(verify_dataset(Scope(target.deployment, dataset, first, engine)))
    if as_json:
        console.print_json(result.model_dump(mode="json"))
    else:
        _show(result)
    if not result.verified:
        raise typer.Exit(1)


def _show(result: Verification) -> None:
    compared = result.compared
    facts = [
        ("table", f"{result.table} at {result.location or 'no location'}"),
        (
            "compared",
            f"{compared.partitions:,} partitions, {compared.objects:,} objects, "
            f"{compared.manifests:,} files' manifests",
        ),
        ("rows", f"{compared.rows_by_sql:,} by SQL, {compared.rows_by_manifests:,} by the manifests"),
        *(("rests on", each) for each in result.rests_on),
    ]
    if result.waiting:
        facts.append(("waiting", f"{len(result.waiting):,} files are normalised and not yet catalogued"))
    if result.held_back:
        facts.append(
            ("held back", f"{len(result.held_back):,} snapshots have far fewer rows than the one shown")
        )
    console.print_facts(facts)
    for name, answer in (("SQL", result.sql), ("Athena", result.athena)):
        if answer is not None:
            _show_answer(name, answer)
    if result.discrepancies:
        console.print_table(
            ("discrepancy", "file id", "where", "what"),
            [(each.code, each.file_id or "", each.where, each.message) for each in result.discrepancies],
        )
    else:
        console.print_facts([("verified", "catalog, objects and manifests agree")])


def _show_answer(name: str, answer: EngineAnswer) -> None:
    latest = f", latest ingest_date {answer.latest_ingest_date}" if answer.latest_ingest_date else ""
    console.print_facts([(name, f"count {answer.rows:,}{latest}")])
    if answer.sample.rows:
        console.print_table(
            answer.sample.columns, [[cell or "" for cell in row] for row in answer.sample.rows]
        )
