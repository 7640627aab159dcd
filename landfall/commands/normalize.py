"""``landfall normalize``: the normalizer's own code on a file of this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, BinaryIO, Self

import typer

from landfall import console
from landfall.atomic_folder import all_or_nothing
from services.normalizer import engine
from services.normalizer.account import Account
from services.normalizer.crew.crew import Crew
from services.normalizer.errors import TooManyBadRows
from services.normalizer.matchkeys import profile_of
from services.normalizer.pepper import Pepper, pepper_of
from services.normalizer.quarantine import rejected_line
from services.normalizer.recipes import Recipe, load_recipe, load_recipes
from services.normalizer.settings import BUILT_IN_RECIPES
from services.normalizer.vcpus import usable_vcpus

_LOCAL = "a file of its own"
"""Stands in the Parquet for the version of a pepper that comes from no secret."""


@dataclass(frozen=True, slots=True)
class Output:
    """One Parquet file that was written."""

    path: str
    rows: int
    bytes: int
    sha256: str


class QuarantineFile:
    """Rejected rows as JSON lines in a file of this machine, which exists only if there are any."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def used(self) -> bool:
        """Whether any row was rejected."""
        return self._file is not None

    def reject(self, record: int, reason: str, raw: bytes) -> None:
        """Write one rejected record, by its number in the file (the header is record 1)."""
        if self._file is None:
            self._path.parent.mkdir()
            self._file = self._path.open("xb")
        self._file.write(rejected_line(record, reason, raw))


def normalize(
    src: Annotated[Path, typer.Argument(help="A decrypted CSV file.", exists=True, dir_okay=False)],
    recipe: Annotated[
        str, typer.Option(help="The dataset that a recipe in force makes, or the path of a recipe (YAML).")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the output; made where it is missing.")],
    recipes: Annotated[
        Path,
        typer.Option(envvar="LANDFALL_RECIPES", help="Folder of the recipes in force.", show_default=False),
    ] = BUILT_IN_RECIPES,
    pepper_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the pepper for identifiers that are no match keys, as its secret holds it.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            help="A profile's version, such as plain@1, where the recipe names the profile without one; "
            "repeatable. By default the newest, which a table that was begun earlier need not have.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Turn SRC into the Parquet file that the normalizer would put into the curated bucket.

    Rejected rows go to a quarantine folder beside it, with record number and reason; they are never shown.
    If too many are, they are all that is written; if the file is refused otherwise, nothing is. AWS is not
    reached.
    """
    chosen = _recipe(recipe, recipes).under(_versions(profile or []))
    pepper = None if pepper_file is None else Pepper(pepper_of(pepper_file.read_bytes()), _LOCAL)
    name, rejects_name = f"{src.name}.parquet", f"quarantine/{src.name}.jsonl"
    with all_or_nothing(out) as folder, QuarantineFile(folder / rejects_name) as rejects:
        account = _written(src, chosen, pepper, folder / name, rejects)
    if not rejects.used:
        (out / rejects_name).unlink(missing_ok=True)  # of an earlier run
    if isinstance(account, TooManyBadRows):
        raise account
    result = _result(
        chosen, account, _output(out / name, account), str(out / rejects_name) if rejects.used else None
    )
    if as_json:
        console.print_json(result)
    else:
        console.print_facts([(name, _shown(value)) for name, value in result.items() if value or value == 0])


def _recipe(wanted: str, folder: Path) -> Recipe:
    path = Path(wanted)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return load_recipe(path)
    return load_recipes(folder).named(wanted)


def _versions(profiles: list[str]) -> dict[str, int]:
    found = [profile_of(each) for each in profiles]
    return {each.name: each.version for each in found}


def _written(
    src: Path, recipe: Recipe, pepper: Pepper | None, target: Path, rejects: QuarantineFile
) -> Account | TooManyBadRows:
    """Write the Parquet, or leave it and tell why where the rejects are all that is to remain."""
    try:
        with src.open("rb") as source, target.open("xb") as sink, Crew(usable_vcpus()) as crew:
            return engine.normalize(
                source,
                recipe,
                sink,
                rejects,
                member=src.name,
                pepper=pepper,
                crew=crew,
                source_bytes=src.stat().st_size or None,  # a pipe has no size
            )
    except TooManyBadRows as refusal:
        target.unlink()
        return refusal


def _output(path: Path, account: Account) -> Output:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Output(str(path), account.rows_out, path.stat().st_size, digest)


def _result(recipe: Recipe, account: Account, output: Output, quarantine: str | None) -> dict[str, object]:
    """Counts, names and places; never a value."""
    return {
        "dataset": recipe.dataset,
        "recipe": f"{recipe.dataset}@{recipe.version}",
        "profiles": recipe.profile_by_column,
        "rows_in": account.rows_in,
        "rows_out": account.rows_out,
        "rows_rejected": account.rejected,
        "rows_not_quarantined": account.not_quarantined,
        "rows_filtered": account.filtered,
        "rows_duplicate": account.duplicates,
        "blank_lines": account.blank_lines,
        "rejected_by_reason": dict(account.rejected_by_reason),
        "invalid_by_column": dict(account.invalid_by_column),
        "suppressed_by_column": dict(account.suppressed_by_column),
        "dropped_columns": list(account.dropped_columns),
        "dropped_unnamed": account.dropped_unnamed,
        "missing_columns": list(account.missing_columns),
        "encoding": account.encoding,
        "delimiter": account.delimiter,
        "outputs": [asdict(output)],
        "quarantine": quarantine,
    }


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    if isinstance(value, list):
        return ", ".join(str(each["path"]) if isinstance(each, Mapping) else str(each) for each in value)
    return repr(value) if value in ("\t", ",", "|", ";") else str(value)
