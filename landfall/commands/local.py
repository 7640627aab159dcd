"""``landfall local``: the whole chain on this machine, up, down and what of it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from landfall import console
from landfall.deployment import DEFAULT_PREFIX
from landfall.local import state
from landfall.local.report import StackReport, look
from landfall.local.stack import LocalStack
from landfall.local.stack import down as take_down
from landfall.local.stack import restart as start_anew
from landfall.local.starting import DEFAULT_PORT, Options
from landfall.pairs import pairs

_HIGHEST_PORT = 65535

local_app = typer.Typer(help="Run the whole chain on this machine.")
_Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@local_app.command()
def up(
    port: Annotated[
        int, typer.Option(min=0, max=_HIGHEST_PORT, help="Port of the emulator; 0 picks a free one.")
    ] = DEFAULT_PORT,
    crawl_seconds: Annotated[float, typer.Option(min=0, help="How long the local Glue crawler takes.")] = 2.0,
    prefix: Annotated[str, typer.Option(help="Begins the name of every resource.")] = DEFAULT_PREFIX,
    as_json: _Json = False,
) -> None:
    """Start an emulator of AWS, deploy the CloudFormation templates, start a crawler and the four services.

    Everything listens on loopback only, and is forgotten when it is taken down. Where AWS_ENDPOINT_URL is
    set, the server there is used and no emulator started.
    """
    options = Options(port=port, crawl_seconds=crawl_seconds, prefix=prefix)
    stack = LocalStack.up(options, console.say)
    if not stack.fresh:
        console.say("The local stack was up already.")
    _show(look(options.home), as_json=as_json)
    console.say("Land a file by `landfall put FILE`; `landfall status` shows where it is.")


@local_app.command()
def restart(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="SERVICE", help="Which services; by default all four.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="NAME=VALUE of a setting, until the next restart; repeatable."),
    ] = None,
    as_json: _Json = False,
) -> None:
    """Start services anew, so that they work by the recipes and settings as they are now; the rest stays up.

    What a service is at work on is finished first. Its log goes on.
    """
    stack = start_anew(state.home_directory(), names or (), pairs(settings or []), console.say)
    _show(look(stack.home), as_json=as_json)


@local_app.command()
def down(as_json: _Json = False) -> None:
    """End exactly the processes that `landfall local up` started. Their logs stay."""
    home = state.home_directory()
    if not take_down(home, console.say):
        console.say("The local stack is not up.")
    if as_json:
        _show(look(home), as_json=True)


@local_app.command()
def status(as_json: _Json = False) -> None:
    """Show what runs, where it listens and where it logs. Exits with 1 if something stopped by itself."""
    report = look(state.home_directory())
    _show(report, as_json=as_json)
    if report.processes and report.state != "up":
        raise typer.Exit(1)


def _show(report: StackReport, *, as_json: bool) -> None:
    if as_json:
        console.print_json(report.model_dump(mode="json"))
        return
    facts: list[tuple[str, str]] = [("state", report.state)]
    if report.endpoint is not None and report.glue_endpoint is not None:
        facts += [("AWS_ENDPOINT_URL", report.endpoint), ("AWS_ENDPOINT_URL_GLUE", report.glue_endpoint)]
    if report.deployment is not None:
        facts += [
            ("ingest bucket", report.deployment.ingest_bucket),
            ("curated bucket", report.deployment.curated_bucket),
        ]
    console.print_facts(facts)
    if report.processes:
        console.print_table(
            ("process", "pid", "runs", "log"),
            [
                (each.name, str(each.pid), "yes" if each.alive else "no", each.log)
                for each in report.processes
            ],
        )
