"""What is to be done with one file: its recipe, applied to the columns that it really has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, Text, text_of, text_or, trimmed
from services.normalizer.columns.conversion import (
    Conversion,
    ConversionByCountry,
    Converted,
    by_distinct,
    by_distinct_pair,
)
from services.normalizer.columns.dates import to_date, to_timestamp
from services.normalizer.columns.decimals import to_decimal
from services.normalizer.columns.hashed import (
    to_identifier,
    to_known_digest,
    to_match_key,
    to_match_key_by_country,
    without_placeholders,
    without_placeholders_by_country,
)
from services.normalizer.columns.leakguard import to_string
from services.normalizer.columns.numbers import to_bigint, to_boolean, to_double
from services.normalizer.columns.types import arrow_type
from services.normalizer.columns.urls import to_url
from services.normalizer.layout import Layout
from services.normalizer.matchkeys import PhoneRule, rule_of
from services.normalizer.recipes.fates import Hash, Keep
from services.normalizer.recipes.model import Recipe, RowFilter

_PLAIN_CONVERSIONS: dict[str, Conversion] = {
    "string": to_string,
    "url": to_url,
    "bigint": to_bigint,
    "double": to_double,
    "boolean": to_boolean,
}
# An e-mail address is found by its looks; names and places are words that texts may well hold.
_IDENTITIES = frozenset({"identifier", "phone"})


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """How one column of the output comes about."""

    name: str
    rejects_invalid: bool
    in_the_clear: bool
    """Text that anyone can read, so it must not show a key of its row."""
    convert: Callable[[pa.Table], Converted]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to do with the rows of one file. Tables hold text columns named by their position."""

    schema: pa.Schema
    outputs: tuple[OutputColumn, ...]
    filters: tuple[Callable[[pa.Table], Mask], ...]
    """Each says which rows to keep."""
    identities: tuple[str, ...]
    """Text columns with keys that no text of their row may show."""
    key_columns: tuple[str, ...]
    """Names of the text columns that together occur once in a file; none: rows may repeat."""
    positions: tuple[int, ...]
    """The columns of the file that must be read."""


def make_plan(recipe: Recipe, layout: Layout, pepper: bytes | None) -> Plan:
    """Bind a recipe to a file's layout."""
    outputs: list[OutputColumn] = []
    for source, fate in recipe.used_columns.items():
        position = layout.positions.get(source)
        types = iter(recipe.arrow_schema.field(name).type for name in fate.output_names(source))
        if position is None:
            converts: list[Callable[[pa.Table], Converted]] = [partial(_nulls, type_) for type_ in types]
        elif isinstance(fate, Keep):
            converts = [partial(_distinct, str(position), _kept(fate))]
        else:
            converts = _hashes(
                fate, recipe.profile_ids(fate), str(position), _countries_of(fate, layout), pepper
            )
        outputs += [
            OutputColumn(name, fate.rejects_invalid, _is_text(fate), convert)
            for name, convert in zip(fate.output_names(source), converts, strict=True)
        ]
    return Plan(
        schema=recipe.arrow_schema,
        outputs=tuple(outputs),
        filters=tuple(_filter(each, layout) for each in recipe.filters),
        identities=tuple(
            str(layout.positions[source])
            for source, fate in recipe.used_columns.items()
            if isinstance(fate, Hash) and fate.hash in _IDENTITIES and source in layout.positions
        ),
        key_columns=tuple(str(layout.positions[name]) for name in recipe.unique_by),
        positions=tuple(sorted(set(layout.positions.values()))),
    )


def _is_text(fate: Keep | Hash) -> bool:
    return isinstance(fate, Keep) and fate.type in {"string", "url"}


def _nulls(type_: pa.DataType, table: pa.Table) -> Converted:
    return Converted(pa.nulls(table.num_rows).cast(type_))


def _distinct(column: str, conversion: Conversion, table: pa.Table) -> Converted:
    return by_distinct(_text(table, column), conversion)


def _by_country(
    column: str, countries: tuple[str, ...], conversion: ConversionByCountry, table: pa.Table
) -> Converted:
    return by_distinct_pair(_text(table, column), _first_filled(table, countries), conversion)


def _first_filled(table: pa.Table, columns: tuple[str, ...]) -> Text:
    """For each row, the text of the first of several columns that is not blank there."""
    if len(columns) == 1:
        return _text(table, columns[0])
    return text_of(pc.coalesce(*(trimmed(_text(table, column)) for column in columns)))


def _text(table: pa.Table, column: str) -> Text:
    """A column as one array: tables are read in one chunk."""
    return text_of(table.column(column).combine_chunks())


def _kept(fate: Keep) -> Conversion:
    if fate.type == "timestamp":
        return to_timestamp(fate.formats, fate.time_zone)
    if fate.type == "date":
        return to_date(fate.formats)
    if isinstance(kind := arrow_type(fate.type), pa.Decimal128Type):
        return to_decimal(kind)
    return _PLAIN_CONVERSIONS[fate.type]


def _hashes(
    fate: Hash, profiles: tuple[str, ...], column: str, countries: tuple[str, ...], pepper: bytes | None
) -> list[Callable[[pa.Table], Converted]]:
    if fate.is_identifier:
        return [_of_values(fate, column, to_identifier(pepper))]
    if fate.already_hashed is not None:
        return [_of_values(fate, column, to_known_digest(profile, fate.hash)) for profile in profiles]
    made: list[Callable[[pa.Table], Converted]] = []
    for profile in profiles:
        rule = rule_of(profile, fate.hash)
        if isinstance(rule, PhoneRule):
            rule = rule.reading_digits_as(fate.digits)
        if countries and rule.needs_country:
            by_country = to_match_key_by_country(rule, fate.default_country)
            read_from = countries[:1] if rule.by_first_country_column else countries
            if fate.placeholders:
                by_country = without_placeholders_by_country(by_country, fate.placeholders)
            made.append(partial(_by_country, column, read_from, by_country))
        else:
            made.append(_of_values(fate, column, to_match_key(rule, fate.default_country)))
    return made


def _of_values(fate: Hash, column: str, conversion: Conversion) -> Callable[[pa.Table], Converted]:
    if fate.placeholders:
        conversion = without_placeholders(conversion, fate.placeholders)
    return partial(_distinct, column, conversion)


def _countries_of(fate: Hash | Keep, layout: Layout) -> tuple[str, ...]:
    """The columns of the file that name the row's country, in the recipe's order.

    Version 1 of the profiles reads the first one alone: its keys must not change.
    """
    if isinstance(fate, Keep):
        return ()
    return tuple(str(layout.positions[name]) for name in fate.country if name in layout.positions)


def _filter(condition: RowFilter, layout: Layout) -> Callable[[pa.Table], Mask]:
    column = str(layout.positions[condition.column])
    listed = _comparable(pa.array(condition.keep or condition.drop or (), pa.string()))

    def keeps(table: pa.Table) -> Mask:
        found = pc.is_in(_comparable(_text(table, column)), value_set=listed)
        return found if condition.keep is not None else pc.invert(found)

    return keeps


def _comparable(text: Text) -> Text:
    """Without outer space and case; no text is the same as NULL."""
    return text_or(pc.utf8_lower(trimmed(text)), "")
