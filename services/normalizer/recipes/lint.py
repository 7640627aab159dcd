"""What a recipe does with each column, in words, and what in it may not be meant.

``loading`` refuses what is wrong. This module speaks of what is allowed and still deserves a second look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.normalizer.csvfile.names import fold
from services.normalizer.matchkeys import rule_of
from services.normalizer.recipes.fates import Drop, Hash, Keep, snake_case
from services.normalizer.recipes.model import Recipe
from shared.cleanrooms import MAX_ALLOWED_COLUMNS

# Words in names of columns that usually hold personal data or free text, which no guard can read.
_TELLING = frozenset(
    {"address", "age", "answer", "birth", "birthdate", "birthday", "cell", "city", "comment", "dob", "email"}
    | {"feedback", "first", "gender", "ip", "last", "latitude", "longitude", "mail", "message", "mobile"}
    | {"name", "note", "notes", "phone", "postal", "postcode", "reason", "street", "subject", "surname"}
    | {"telephone", "zip"}
)
_OF_CAMPAIGNS = re.compile(r"(?:email|list|region|extension|campaign|send|job)_name|^name$|email_client")


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One source column: what becomes of it, and the output columns that it makes."""

    source: str
    fate: str
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """What of one source column may not be meant, as a sentence."""

    source: str
    text: str


def describe(recipe: Recipe) -> list[ColumnReport]:
    """Every column that the recipe names, in its order."""
    return [
        ColumnReport(
            source,
            _words(fate, recipe) + _also_read(source, recipe),
            () if isinstance(fate, Drop) else fate.output_names(source),
        )
        for source, fate in recipe.columns.items()
    ]


def warnings(recipe: Recipe) -> list[Doubt]:
    """What may not be meant; empty if nothing stands out."""
    return [Doubt(source, text) for source, fate in recipe.columns.items() for text in _doubts(source, fate)]


def notes(recipe: Recipe) -> list[str]:
    """What is worth knowing of the recipe as a whole, and nothing to change."""
    columns = len(recipe.arrow_schema)
    if columns <= MAX_ALLOWED_COLUMNS:
        return []
    return [
        f"the table has {columns} columns; an allow-list in AWS Clean Rooms names at most "
        f"{MAX_ALLOWED_COLUMNS} of them, unless AWS has raised that quota"
    ]


def _also_read(source: str, recipe: Recipe) -> str:
    """What else a column is read for, which matters most where it is dropped."""
    uses = [
        text
        for text, names in (
            ("as the row's country", recipe.countries),
            ("to leave out rows", [condition.column for condition in recipe.filters]),
            ("to leave out duplicates", recipe.unique_by),
        )
        if fold(source) in map(fold, names)
    ]
    return f"; read {' and '.join(uses)}" if uses else ""


def _words(fate: Keep | Hash | Drop, recipe: Recipe) -> str:
    if isinstance(fate, Drop):
        return "dropped"
    if isinstance(fate, Keep):
        return f"kept as {fate.type}"
    if fate.is_identifier:
        return "hashed as an identifier"
    profiles = ", ".join(recipe.profile_ids(fate))
    if fate.already_hashed is not None:
        return f"taken as hashed by {profiles}"
    digits = "" if fate.digits is None else f", digits without + as {fate.digits}"
    return f"hashed as {fate.hash} by {profiles}{digits}"


def _doubts(source: str, fate: Keep | Hash | Drop) -> Iterator[str]:
    if not isinstance(fate, Drop) and fate.name is None and not source.isascii():
        yield f"in the table it is called {', '.join(fate.output_names(source))}; `name` calls it otherwise"
    if isinstance(fate, Keep) and fate.type == "string":
        name = snake_case(source)
        if _TELLING.intersection(name.split("_")) and not _OF_CAMPAIGNS.search(name):
            yield "this is kept in the clear, and its name sounds like personal data or free text"
        if "url" in name.split("_"):
            yield "a web address is kept with its query; `url` leaves that out"
    if isinstance(fate, Hash) and not fate.is_identifier and fate.already_hashed is None:
        by_country = any(rule_of(profile, fate.hash).needs_country for profile in fate.profiles)
        if by_country and not fate.country and fate.default_country is None:
            yield f"without `country` or `default_country` no national {fate.hash} can be understood"
        if not by_country and (fate.country or fate.default_country):
            yield f"the country is not needed for {fate.hash} by {', '.join(fate.profiles)}"
