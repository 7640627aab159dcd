"""What ``landfall recipe`` shows: names, fates and counts; never a value of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from landfall import console
from landfall.recipes.digits import PhoneDigits
from landfall.recipes.linting import Linted, Linting
from landfall.recipes.sampling import SampleColumn, SampleReport
from services.normalizer.account import Account
from services.normalizer.gluetypes import glue_columns
from services.normalizer.matchkeys import Readings
from services.normalizer.recipes import Recipe
from services.normalizer.recipes.fates import Drop, Hash, Keep
from services.normalizer.recipes.lint import ColumnReport

_READINGS: dict[Readings, str] = {
    "own_code": "with the row's own country code",
    "national": "valid only as national",
    "abroad": "valid only with another country's code",
    "both": "valid as national and with another country's code",
    "none": "no valid number",
}


def listed(recipe: Recipe) -> dict[str, object]:
    """One recipe as JSON."""
    kept, hashed, dropped = (_named(recipe, kind) for kind in (Keep, Hash, Drop))
    return {
        "dataset": recipe.dataset,
        "version": recipe.version,
        "mode": recipe.mode,
        "description": recipe.description,
        "match": list(recipe.match),
        "kept": kept,
        "hashed": hashed,
        "dropped": dropped,
        "output": glue_columns(recipe.arrow_schema),
        "profiles": list(recipe.profiles),
        "fingerprint": recipe.fingerprint,
    }


def show_listed(recipes: Sequence[Recipe]) -> None:
    """All recipes, a line each."""
    console.print_table(
        ("DATASET", "VERSION", "MODE", "MATCH", "KEPT", "HASHED"),
        [
            (
                recipe.dataset,
                str(recipe.version),
                recipe.mode,
                ", ".join(recipe.match),
                str(len(_named(recipe, Keep))),
                ", ".join(_named(recipe, Hash)) or "-",
            )
            for recipe in recipes
        ],
    )


def _named(recipe: Recipe, kind: type[Keep | Hash | Drop]) -> list[str]:
    return [source for source, fate in recipe.columns.items() if isinstance(fate, kind)]


def checked(linting: Linting, tried: SampleReport | None) -> dict[str, object]:
    """What was found, as JSON."""
    return {
        "recipes": [
            {
                "file": str(each.path),
                "recipe": _name(each.recipe),
                "columns": [asdict(column) for column in each.columns],
                "warnings": list(each.warnings),
                "notes": list(each.notes),
            }
            for each in linting.sound
        ],
        "errors": list(linting.errors),
        "sample": None if tried is None else {**asdict(tried), "dropped": list(tried.dropped)},
    }


def show_checked(linting: Linting, tried: SampleReport | None, *, in_full: bool) -> None:
    """What was found, for people; errors on standard error. With a sample, its columns are what is shown."""
    for each in linting.sound:
        if tried is None:
            _show_recipe(each, in_full=in_full)
        for warning in each.warnings:
            console.print_line(f"warning: {warning}")
        for note in each.notes:
            console.print_line(f"note: {note}")
    if tried is not None:
        _show_sample(tried)
    for error in linting.errors:
        console.complain(error)


def _show_recipe(linted: Linted, *, in_full: bool) -> None:
    recipe = linted.recipe
    counts = f"{len(_named(recipe, Keep))} kept, {len(_named(recipe, Hash))} hashed"
    console.print_line(f"{linted.path}: {_name(recipe)}, {recipe.mode}: {counts}")
    if in_full:
        console.print_table(
            ("COLUMN", "WHAT BECOMES OF IT", "IN THE TABLE"), [_line(each) for each in linted.columns]
        )


def _line(column: ColumnReport) -> tuple[str, str, str]:
    return column.source, column.fate, ", ".join(column.outputs) or "-"


def _show_sample(tried: SampleReport) -> None:
    console.print_line(f"{tried.sample} by {tried.recipe}")
    if not tried.matched:
        console.print_line("warning: the recipe's `match` does not recognise the name of the sample")
    if tried.account is not None:
        console.print_facts(_facts(tried.account))
        console.print_table(
            ("COLUMN", "WHAT BECOMES OF IT", "IN THE TABLE", "TYPE", "WRITTEN", "INVALID", "WITHHELD"),
            [line for each in tried.columns for line in _lines(each)]
            + [(name, "dropped: not in the recipe", *"-----") for name in _dropped(tried.account)],
        )
    for phones in tried.phones:
        _show_digits(phones)
    if tried.refused is None:
        console.print_line("The normalizer would write this file.")
    else:
        console.complain(f"the normalizer would refuse this file: {tried.refused}")


def _show_digits(phones: PhoneDigits) -> None:
    if not phones.digits:
        return
    shares = ", ".join(f"{share:.1%} {_READINGS[reading]}" for reading, share in phones.shares.items())
    console.print_line(
        f"{phones.source}: {phones.digits:,} values are digits without + and without a leading 0, "
        f"{phones.named / phones.digits:.1%} of them in rows that name a country: {shares}."
    )
    if phones.suggested is not None:
        agrees = (
            "as the recipe reads them"
            if phones.suggested == phones.read_as
            else (f"while the recipe reads them as {phones.read_as}")
        )
        console.print_line(
            f"{phones.source}: this suggests `digits: {phones.suggested}`, {agrees} (docs/match-keys.md)."
        )


def _lines(column: SampleColumn) -> list[tuple[str, ...]]:
    fate = f"{column.fate} (missing in the sample)" if column.missing else column.fate
    if not column.outputs:
        return [(column.source, fate, *"-----")]
    return [
        (
            column.source,
            fate,
            each.name,
            each.type,
            f"{each.written:,}",
            f"{each.invalid:,}",
            f"{each.suppressed:,}",
        )
        for each in column.outputs
    ]


def _facts(account: Account) -> list[tuple[str, str]]:
    facts = [
        ("encoding", account.encoding),
        ("delimiter", repr(account.delimiter)),
        ("rows in", f"{account.rows_in:,}"),
        ("written", f"{account.rows_out:,}"),
        ("rejected", f"{account.rejected:,}"),
        *((f"  {reason}", f"{count:,}") for reason, count in sorted(account.rejected_by_reason.items())),
        ("filtered", f"{account.filtered:,}"),
        ("duplicates", f"{account.duplicates:,}"),
        ("blank lines", f"{account.blank_lines:,}"),
    ]
    return [("empty", "the file has no record at all"), *facts] if account.empty else facts


def _dropped(account: Account) -> list[str]:
    """The columns that never leave, as far as their names may be shown."""
    unnamed = account.dropped_unnamed
    more = [f"({unnamed} without a name that may be shown)"] if unnamed else []
    return [*account.dropped_columns, *more]


def _name(recipe: Recipe) -> str:
    return f"{recipe.dataset}@{recipe.version}"
