"""``landfall match-key``: see what a value becomes under a profile before anybody depends on it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from landfall import console
from landfall.commands.match_key_compare import compare_sample
from landfall.partner.comparing import Context
from landfall.textlines import text_lines
from services.normalizer.matchkeys import (
    Digits,
    MatchKey,
    PhoneRule,
    Rule,
    UndefinedField,
    UnknownCountry,
    UnknownProfile,
    profile_of,
    rule_of,
)

_WRONG_USAGE = 2


def match_key(
    field: Annotated[str, typer.Option(help="What the values are, e.g. email, phone, first_name or zip.")],
    profile: Annotated[
        str | None,
        typer.Option(
            help="Standard to follow, such as plain, google or uid2: its newest version, unless one is named "
            "as in plain@1. With --compare the only one to try, by default all."
        ),
    ] = None,
    country: Annotated[
        str | None,
        typer.Option(
            help="Their country, e.g. US, as a file names it in each row: phones without +, states and "
            "postal codes need it."
        ),
    ] = None,
    default_country: Annotated[
        str | None,
        typer.Option(
            help="Their country as a recipe's default_country names it, for rows that name none: a phone "
            "that could also be another country's has no key then."
        ),
    ] = None,
    digits: Annotated[
        Digits | None,
        typer.Option(
            help="Of phones, how digits without + are read, as in a recipe (docs/match-keys.md).",
            show_default="own_code; in version 1 of a profile national",
        ),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            help="A partner's hashed sample, one digest a line, in hexadecimal or Base64: say which profile "
            "and version made it, by comparing it with values of ours.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    values: Annotated[
        Path | None,
        typer.Option(
            help="With --compare: file with our values; by default standard input.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option(help="With --compare: our values are this column of a CSV file, not one a line."),
    ] = None,
    country_column: Annotated[
        str | None, typer.Option(help="With --column: the column with each row's country.")
    ] = None,
    json_lines: Annotated[
        bool,
        typer.Option(
            "--json",
            help="A JSON object a line: input, normalized, match_key, profile; with --compare a single one.",
        ),
    ] = False,
) -> None:
    """Show the match key of each value on standard input, one a line.

    A value that is invalid under the profile has none (null in JSON, - otherwise). Values go nowhere else.
    The profile's version is in each JSON object, otherwise on standard error.

    With --compare no value and no digest is shown: only profiles, counts and shares.
    """
    _check(profile, compare, values, column, country_column)
    try:
        if compare is not None:
            compare_sample(
                compare,
                field,
                profile=profile,
                context=Context(country, default_country, digits),
                values=values,
                column=column,
                country_column=country_column,
                as_json=json_lines,
            )
            return
        id_ = profile_of(profile or "").id
        rule = _rule(id_, field, digits)
        rule.key(None, country, default_country)
    except (UnknownProfile, UndefinedField, UnknownCountry) as error:
        console.complain(error.message)
        raise typer.Exit(_WRONG_USAGE) from None
    if not json_lines:
        console.say(f"{id_}, {field}")
    try:
        for value in text_lines(sys.stdin.buffer):
            key = rule.key(value, country, default_country)
            line = _json(value, key, id_) if json_lines else _text(value, key)
            sys.stdout.buffer.write(line.encode())
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads (head, grep -m1) has seen enough. Python would complain once more while shutting down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check(
    profile: str | None,
    compare: Path | None,
    values: Path | None,
    column: str | None,
    country_column: str | None,
) -> None:
    if compare is None and profile is None:
        raise typer.BadParameter("give --profile, or --compare to find it out")
    if compare is None and (values or column or country_column):
        raise typer.BadParameter("--values, --column and --country-column go with --compare")
    if country_column and not column:
        raise typer.BadParameter("--country-column goes with --column")


def _rule(profile: str, field: str, digits: Digits | None) -> Rule:
    rule = rule_of(profile, field)
    if digits is None:
        return rule
    if not isinstance(rule, PhoneRule):
        raise typer.BadParameter("only phones are read by it", param_hint="--digits")
    return rule.reading_digits_as(digits)


def _json(value: str, key: MatchKey, profile: str) -> str:
    shown = {"input": value, "normalized": key.normalized, "match_key": key.match_key, "profile": profile}
    return console.to_json(shown) + "\n"


def _text(value: str, key: MatchKey) -> str:
    cells = (value, key.normalized, key.match_key)
    return "\t".join("-" if cell is None else console.printable(cell) for cell in cells) + "\n"
