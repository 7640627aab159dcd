"""The parts of docs/ that are written by the code they describe.

``make docs`` rewrites them; tests/unit/test_docs.py fails when one is stale.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel
from typer.core import TyperArgument, TyperOption
from typer.main import get_command

import services
import shared
from landfall.cli import build_app
from landfall.registry import COMMANDS
from services.archiver.settings import ArchiverSettings
from services.cataloger.settings import CatalogerSettings
from services.decryptor.settings import DecryptorSettings
from services.normalizer.settings import NormalizerSettings
from shared.errors import LandfallError, TransientError
from shared.events import EVENTS
from shared.manifests import MANIFESTS, FailureManifest, FailureResolved, GenerationOpened
from shared.outcomes import OUTCOMES
from shared.settings import WorkerSettings
from tests.cost_tables import with_cost_tables
from tests.generated_match_keys import match_key_examples
from tests.generated_phone_ranges import phone_ranges
from tests.generated_schemas import schemas_template

ROOT = Path(__file__).parents[1]
NOTE = "<!-- Written by `make docs` from the code; do not edit. -->"


def documents() -> dict[Path, str]:
    """Every generated document: its path in the repository and what it must say."""
    made = {
        Path("docs/settings.md"): settings_table(),
        Path("docs/errors.md"): errors_table(),
        Path("docs/commands.md"): commands_page(),
    }
    made[Path("deploy/ecs/schemas.yaml")] = schemas_template()
    made[Path("services/normalizer/matchkeys/phone_ranges.json")] = phone_ranges()
    made[Path("docs/match-key-examples.md")] = match_key_examples(NOTE)
    made[Path("docs/scaling.md")] = with_cost_tables(ROOT)
    for name, model in schemas().items():
        text = json.dumps(model.model_json_schema(), indent=1, sort_keys=True)
        made[Path(f"docs/events/{name}.v1.json")] = text + "\n"
    return made


def commands_page() -> str:
    """Every command with its arguments and options."""
    lines = [
        "# Commands",
        "",
        NOTE,
        "",
        "Exit codes: 0 done, 1 failed, 2 wrong usage. An error is one sentence that says what to do.",
    ]
    for entry in COMMANDS:
        command = get_command(build_app([entry.name])).commands[entry.name]  # type: ignore[attr-defined] # a group
        parts = getattr(command, "commands", {"": command})
        for name, part in parts.items():
            lines += ["", f"## landfall {entry.name} {name}".rstrip(), ""]
            lines += [(part.help or entry.summary).split("\f")[0].strip(), ""]
            lines += [f"- {_parameter(each)}" for each in part.params if each.name != "help"]
            example = entry.examples.get(name)
            lines += ["", f"    {example}"] if example else []
    return "\n".join(lines) + "\n"


def _parameter(parameter: object) -> str:
    if isinstance(parameter, TyperOption):
        return f"{', '.join(f'`{name}`' for name in parameter.opts)}: {parameter.help}"
    if isinstance(parameter, TyperArgument):
        return f"`{parameter.metavar or (parameter.name or '').upper()}`: {parameter.help}"
    raise TypeError(f"a command has a parameter of kind {type(parameter).__name__}")


def schemas() -> dict[str, type[BaseModel]]:
    """The published contracts, by name."""
    manifests: list[type[BaseModel]] = [
        *MANIFESTS.values(),
        FailureManifest,
        FailureResolved,
        GenerationOpened,
    ]
    return {**EVENTS, **OUTCOMES, **{model.__name__: model for model in manifests}}


def settings_table() -> str:
    """One table a service: every environment variable, its default and meaning."""
    own: dict[str, type[WorkerSettings]] = {
        "Decryptor": DecryptorSettings,
        "Normalizer": NormalizerSettings,
        "Cataloger": CatalogerSettings,
        "Archiver": ArchiverSettings,
    }
    lines = [
        "# Settings",
        "",
        NOTE,
        "",
        "Every setting is an environment variable. AWS credentials, Region and endpoints are read as every",
        "AWS SDK reads them.",
    ]
    lines += ["", "## All services", "", *_settings_rows(WorkerSettings, set())]
    for title, model in own.items():
        common = {
            name
            for name, field in WorkerSettings.model_fields.items()
            if model.model_fields[name].default == field.default
        }
        lines += ["", f"## {title}", "", *_settings_rows(model, common)]
    return "\n".join(lines) + "\n"


def _settings_rows(model: type[WorkerSettings], leave_out: set[str]) -> Iterator[str]:
    yield "| Variable | Default | Meaning |"
    yield "| --- | --- | --- |"
    for name, field in model.model_fields.items():
        if name not in leave_out:
            default = "required" if field.is_required() else f"`{_shown(field.default)}`"
            yield f"| `LANDFALL_{name.upper()}` | {default} | {field.description} |"


def _shown(default: object) -> str:
    if isinstance(default, Path):
        return default.relative_to(ROOT).as_posix() + "/"
    return ",".join(default) if isinstance(default, tuple) else str(default)


def errors_table() -> str:
    """Every error code: what happened and what to do."""
    lines = [
        "# Error codes",
        "",
        NOTE,
        "",
        "A *permanent* error fails the file at once; a *transient* one is tried again with growing delays",
        "and fails the file at the last try. Either way the original stays in landing/ and the message waits",
        "in the stage's dead-letter queue.",
    ]
    for title, found in errors().items():
        lines += ["", f"## {title}", "", "| Code | Kind | Why | What to do |"]
        lines.append("| --- | --- | --- | --- |")
        for error in found:
            kind = "transient" if issubclass(error, TransientError) else "permanent"
            happened = (inspect.getdoc(error) or "").splitlines()[0]
            lines.append(f"| `{error.code}` | {kind} | {happened} | {error.advice} |")
    return "\n".join(lines) + "\n"


def errors() -> dict[str, list[type[LandfallError]]]:
    """Every concrete error class, by the package that defines it, sorted by code."""
    found: dict[str, list[type[LandfallError]]] = {}
    for module in _modules():
        package = module.__name__.split(".")
        title = "All services" if package[0] == "shared" else package[1].capitalize()
        for value in vars(module).values():
            if inspect.isclass(value) and issubclass(value, LandfallError) and _is_own(value, module):
                found.setdefault(title, []).append(value)
    return {title: sorted(found[title], key=lambda error: error.code) for title in sorted(found)}


def _is_own(error: type[LandfallError], module: ModuleType) -> bool:
    return error.__module__ == module.__name__ and "code" in vars(error)


def _modules() -> Iterator[ModuleType]:
    for package in (shared, services):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not info.name.endswith("__main__"):
                yield importlib.import_module(info.name)


def write() -> None:
    """Bring every generated document up to date."""
    for path, text in documents().items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    write()
