"""``landfall deploy`` and ``landfall destroy``: the CloudFormation stacks of an account or an emulator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import boto3
import typer

from landfall import console, demolition, deploying, stacks
from landfall.change_sets import Change
from landfall.deploying import Step, Wanted
from landfall.deployment import DEFAULT_PREFIX, SERVICES, Deployment, read_deployment
from landfall.errors import OperatorError

_Prefix = Annotated[
    str, typer.Option(envvar="LANDFALL_PREFIX", help="Begins the name of everything that is deployed.")
]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def deploy(
    only: Annotated[
        list[str] | None,
        typer.Argument(help="Stacks by the names of their templates; all by default.", metavar="STACK"),
    ] = None,
    prefix: _Prefix = DEFAULT_PREFIX,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="A parameter of a template; kept until set again.",
            metavar="NAME=VALUE",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change sets, apply none.")] = False,
    yes: _Yes = False,
    settings: Annotated[
        Path | None,
        typer.Option(
            help="Write each service's settings to FOLDER/<service>.env, for containers outside ECS.",
            metavar="FOLDER",
            file_okay=False,
        ),
    ] = None,
    as_json: _Json = False,
) -> None:
    """Bring the stacks of deploy/ecs to their templates, each change set shown before it is applied.

    It goes where the AWS variables and profile of the environment point. Deploying again changes nothing.
    """
    cloudformation = boto3.client("cloudformation")
    wanted = Wanted.of(prefix, only or (), _parameters(values or ()))

    def agree(step: Step) -> bool:
        _show(step)
        return not dry_run and (yes or _asked(f"Apply this to {step.stack}?"))

    steps = []
    for step in deploying.deploy(cloudformation, wanted, agree):
        steps.append(step)
        if step.action in ("none", "unknown"):
            _show(step)
    names = [step.stack for step in steps if stacks.exists(cloudformation, step.stack)]
    outputs = {name: stacks.outputs(cloudformation, name) for name in names}
    if settings is not None and not dry_run:
        write_settings(read_deployment(cloudformation, prefix), settings)
    if as_json:
        console.print_json(
            {"dry_run": dry_run, "stacks": [asdict(step) for step in steps], "outputs": outputs}
        )
    else:
        console.print_facts([fact for name in names for fact in outputs[name].items()])


def destroy(prefix: _Prefix = DEFAULT_PREFIX, yes: _Yes = False, as_json: _Json = False) -> None:
    """Delete every stack of a prefix; refused while its buckets hold data. The encryption keys stay."""
    cloudformation = boto3.client("cloudformation")
    doomed = demolition.standing(cloudformation, prefix)
    demolition.require_empty(cloudformation, boto3.client("s3"), prefix)
    if doomed and not yes and not _asked(f"Delete {', '.join(doomed)}?"):
        raise typer.Exit(1)
    gone = []
    for stack in demolition.destroy(cloudformation, doomed):
        console.say(f"{stack} is deleted.")
        gone.append(stack)
    if as_json:
        console.print_json({"deleted": gone})
    elif not gone:
        console.say(f"There is no stack of {prefix}.")


def write_settings(deployment: Deployment, folder: Path) -> None:
    """Write what tells each service what to work on, as ``LANDFALL_SETTINGS_FILE`` takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    for service in SERVICES:
        lines = [f"{name}={value}\n" for name, value in deployment.service_environment(service).items()]
        (folder / f"{service}.env").write_text("".join(lines), encoding="utf-8")


def line(change: Change) -> str:
    """One change, as it is shown to people. CloudFormation cannot always say before what is replaced."""
    replaced = {"True": " (replaced)", "Conditional": " (may be replaced)"}.get(change.replacement, "")
    return f"{change.action:<7} {change.resource} {change.type}{replaced}"


def _parameters(values: Iterable[str]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    if any(not name or not equals for name, equals, _ in pairs):
        raise typer.BadParameter("give parameters as --set NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _asked(question: str) -> bool:
    if not console.on_terminal():
        raise OperatorError("There is nobody to ask here: look at it with --dry-run, then give --yes.")
    return typer.confirm(question, err=True)


def _show(step: Step) -> None:
    told = {
        "create": "will be created",
        "update": "will be changed",
        "none": "is as its template says",
        "unknown": "will be created; what with shows once the stacks before it are there",
    }
    console.say(f"{step.stack} {told[step.action]}")
    for change in step.changes:
        console.say(f"  {line(change)}")
