"""Which reading of phones without ``+`` a sample suggests, by counts of what its digits may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from services.normalizer.csvfile.dialect import open_csv
from services.normalizer.csvfile.table import Parser
from services.normalizer.layout import Layout, lay_out
from services.normalizer.matchkeys import Digits, PhoneRule, Readings, readings_of, rule_of
from services.normalizer.matchkeys.countries import alpha2, of_row
from services.normalizer.recipes import Recipe
from services.normalizer.recipes.fates import Hash

_PIECE_BYTES = 2 << 20
_MAX_ROWS = 200_000
_FEW = 0.01


@dataclass(frozen=True, slots=True)
class PhoneDigits:
    """Of one column: what its digits without ``+`` and without a leading zero may be, in the first rows."""

    source: str
    digits: int
    """Values of that kind."""
    named: int
    """How many of them are in rows that name a country."""
    shares: Mapping[Readings, float]
    """Of these values, by the valid readings that they have."""
    read_as: Digits
    """How the recipe reads them, by its option or by the default of the profile's version."""
    suggested: Digits | None
    """The reading that fits; None where no value is of that kind, or none has a valid reading."""


def phone_digits(sample: BinaryIO, recipe: Recipe) -> list[PhoneDigits]:
    """Look at each phone column of a sample that the engine has accepted.

    Raises:
        HeaderMismatch, AmbiguousHeader, UnsupportedEncoding: the normalizer would refuse the file.
    """
    phones = {
        source: (fate, rule)
        for source, fate in recipe.used_columns.items()
        if isinstance(fate, Hash) and (rule := _phone_rule(fate, recipe)) is not None
    }
    file = open_csv(sample, recipe.expectation)
    if file.empty or not phones:
        return []
    layout = lay_out(recipe, file.columns)
    present = {source: fate for source, (fate, _) in phones.items() if source in layout.positions}
    if not present:
        return []
    counts: dict[str, Counter[tuple[Readings, bool]]] = {source: Counter() for source in present}
    parser = Parser(file.scanner, tuple(sorted(set(layout.positions.values()))))
    rows = 0
    for piece in file.pieces(_PIECE_BYTES):
        table = parser.parse(piece).table
        columns = {
            name: table.column(str(layout.positions[name])).to_pylist()
            for name in {*present, *(name for fate in present.values() for name in _countries(fate, layout))}
        }
        for source, fate in present.items():
            named = [columns[name] for name in _countries(fate, layout)]
            pairs = Counter(zip(columns[source], _first_filled(named, table.num_rows), strict=True))
            counts[source].update(_readings(pairs, fate))
        rows += table.num_rows
        if rows >= _MAX_ROWS:
            break
    return [_summed(source, counts[source], phones[source][1].read_as) for source in present]


def suggest(readings: Mapping[Readings, int], *, named: bool) -> Digits | None:
    """The reading that fits the counts.

    Args:
        readings: how many values have which valid readings.
        named: whether nearly all of them are in rows that name a country.
    """
    total = sum(count for reading, count in readings.items() if reading != "none")
    if not total:
        return None

    def share(*kinds: Readings) -> float:
        return sum(readings.get(kind, 0) for kind in kinds) / total

    if share("national") <= _FEW and share("own_code", "abroad") > _FEW:
        return "international"
    if share("own_code", "abroad") <= _FEW:
        return "own_code" if named else "national"
    if named and share("abroad") > _FEW and share("both") > _FEW:
        return "strict"  # codes of other countries occur, so what is also national may have one
    return "own_code"


def _countries(fate: Hash, layout: Layout) -> list[str]:
    return [name for name in fate.country if name in layout.positions]


def _first_filled(columns: Sequence[Sequence[str | None]], rows: int) -> Iterator[str]:
    for row in range(rows):
        yield next((text for column in columns if (text := (column[row] or "").strip())), "")


def _readings(pairs: Mapping[tuple[str | None, str], int], fate: Hash) -> Counter[tuple[Readings, bool]]:
    default = None if fate.default_country is None else alpha2(fate.default_country)
    found: Counter[tuple[Readings, bool]] = Counter()
    for (value, country), count in pairs.items():
        region = of_row(country) if country else default
        readings = None if value is None else readings_of(value, region)
        if readings is not None:
            found[readings, bool(country)] += count
    return found


def _phone_rule(fate: Hash, recipe: Recipe) -> PhoneRule | None:
    """The rule of the column's first profile; None for columns that hold no phones to read."""
    if fate.is_identifier or fate.already_hashed is not None:
        return None
    rule = rule_of(recipe.profile_ids(fate)[0], fate.hash)
    return rule.reading_digits_as(fate.digits) if isinstance(rule, PhoneRule) else None


def _summed(source: str, counts: Counter[tuple[Readings, bool]], read_as: Digits) -> PhoneDigits:
    readings: Counter[Readings] = Counter()
    for (reading, _), count in counts.items():
        readings[reading] += count
    digits = readings.total()
    named = sum(count for (_, is_named), count in counts.items() if is_named)
    return PhoneDigits(
        source=source,
        digits=digits,
        named=named,
        shares={reading: round(count / digits, 4) for reading, count in readings.most_common()},
        read_as=read_as,
        suggested=suggest(readings, named=named >= (1 - _FEW) * digits),
    )
