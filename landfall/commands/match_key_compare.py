"""``landfall match-key --compare``: which profile and version a partner's hashed sample was made by."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import typer

from landfall import console
from landfall.partner.comparing import Candidate, Comparison, Context, compare, defining
from landfall.partner.digests import read_digests
from landfall.partner.values import Value, column_values, distinct_values
from landfall.textlines import text_lines
from services.normalizer.matchkeys import profile_of, rule_of


def compare_sample(
    sample: Path,
    field: str,
    *,
    profile: str | None,
    context: Context,
    values: Path | None,
    column: str | None,
    country_column: str | None,
    as_json: bool,
) -> None:
    """Show which profiles give the sample's digests; exits with 1 where none gives any.

    Raises:
        UnknownProfile, UndefinedField, UnknownCountry: what was asked for does not exist.
        OperatorError: our file has no such column.
    """
    profiles = _profiles(profile, field)
    rule_of(profiles[0], field).key(
        None, context.country, context.default_country
    )  # a wrong country is told before anything is read
    with sample.open("rb") as theirs:
        digests = read_digests(text_lines(theirs))
    if values is None:
        ours = _values(sys.stdin.buffer, column, country_column)
    else:
        with values.open("rb") as source:
            ours = _values(source, column, country_column)
    found = compare(digests, ours, field, profiles, context)
    if as_json:
        console.print_json(_facts(found))
    else:
        _show(found)
    if not found.candidates:
        raise typer.Exit(1)


def _profiles(profile: str | None, field: str) -> list[str]:
    if profile is None:
        every = defining(field)
        return every or [profile_of("plain").id]  # whose rule_of then says which fields there are
    chosen = profile_of(profile)
    if "@" in profile:
        return [chosen.id]
    return [each for each in defining(field) if each.startswith(f"{chosen.name}@")] or [chosen.id]


def _values(source: BinaryIO, column: str | None, country_column: str | None) -> list[Value]:
    if column is None:
        return distinct_values((line, None) for line in text_lines(source))
    return distinct_values(column_values(source, column, country_column))


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _facts(found: Comparison) -> dict[str, object]:
    total = len(found.digests.distinct)
    return {
        "field": found.field,
        "digests": total,
        "lines": dict(found.digests.lines),
        "unreadable_lines": found.digests.unreadable,
        "values": found.values,
        "best": list(found.best),
        "differs_in_encoding": found.differs_in_encoding,
        "candidates": [
            {
                "profiles": list(each.profiles),
                "digests": each.digests,
                "share_of_digests": _share(each.digests, total),
                "values": each.values,
                "share_of_values": _share(each.values, each.keyed),
            }
            for each in found.candidates
        ],
    }


def _show(found: Comparison) -> None:
    total = len(found.digests.distinct)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in found.digests.lines.most_common()) or "none"
    console.print_facts(
        [
            ("their digests", f"{total:,} distinct; lines: {kinds}; {found.digests.unreadable:,} are none"),
            ("our values", f"{found.values:,} distinct"),
        ]
    )
    if not found.candidates:
        console.say(
            "No profile gives any of these digests. Either the samples share nobody, or the partner hashes "
            "otherwise: with a salt, of another field, or without normalising."
        )
        return
    console.print_table(
        ("profile", "their digests found", "of theirs", "our values found", "of ours with a key"),
        [_line(each, total) for each in found.candidates],
    )
    console.say(_verdict(found.best))
    if found.differs_in_encoding:
        theirs, ours = ("Base64", "hexadecimal") if found.digests.in_base64 else ("hexadecimal", "Base64")
        console.say(f"The partner's digests are in {theirs}, this profile's keys in {ours}: agree on one.")


def _line(each: Candidate, total: int) -> tuple[str, ...]:
    return (
        ", ".join(each.profiles),
        f"{each.digests:,}",
        f"{_share(each.digests, total):.1%}",
        f"{each.values:,}",
        f"{_share(each.values, each.keyed):.1%}",
    )


def _verdict(best: Sequence[str]) -> str:
    if len(best) == 1:
        return f"The partner used {best[0]}."
    return f"The partner used one of {', '.join(best)}: nothing in this sample tells them apart."
