"""``landfall match-key``: see what a value becomes under a profile before anybody depends on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Annotated, BinaryIO

import typer

from landfall import console
from services.normalizer.matchkeys import (
    MatchKey,
    UndefinedField,
    UnknownCountry,
    UnknownProfile,
    profile_of,
    rule_of,
)

_WRONG_USAGE = 2
_BOM = b"\xef\xbb\xbf"


def match_key(
    profile: Annotated[
        str,
        typer.Option(
            help="Standard to follow: plain, amazon, entity-resolution, google, meta or uid2. "
            "Its newest version, unless one is named as in plain@1."
        ),
    ],
    field: Annotated[str, typer.Option(help="What the values are, e.g. email, phone, first_name or zip.")],
    country: Annotated[
        str | None,
        typer.Option(help="Their country, e.g. US: phones without +, states and postal codes need it."),
    ] = None,
    json_lines: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: input, normalized, match_key, profile.")
    ] = False,
) -> None:
    """Show the match key of each value on standard input, one a line.

    A value that is invalid under the profile has none (null in JSON, - otherwise). Values go nowhere else.
    The profile's version is in each JSON object, otherwise on standard error.
    """
    try:
        id_ = profile_of(profile).id
        rule = rule_of(id_, field)
        rule.key(None, country)
    except (UnknownProfile, UndefinedField, UnknownCountry) as error:
        console.complain(error.message)
        raise typer.Exit(_WRONG_USAGE) from None
    if not json_lines:
        console.say(f"{id_}, {field}")
    try:
        for value in _lines(sys.stdin.buffer):
            key = rule.key(value, country)
            line = _json(value, key, id_) if json_lines else _text(value, key)
            sys.stdout.buffer.write(line.encode())
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Whoever reads (head, grep -m1) has seen enough. Python would complain once more while shutting down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _lines(stream: BinaryIO) -> Iterator[str]:
    """Lines without their ends. Bytes that are not UTF-8 become U+FFFD, which no rule accepts."""
    first = True
    while line := stream.readline():
        if first:
            line, first = line.removeprefix(_BOM), False
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")


def _json(value: str, key: MatchKey, profile: str) -> str:
    shown = {"input": value, "normalized": key.normalized, "match_key": key.match_key, "profile": profile}
    return console.to_json(shown) + "\n"


def _text(value: str, key: MatchKey) -> str:
    cells = (value, key.normalized, key.match_key)
    return "\t".join("-" if cell is None else console.printable(cell) for cell in cells) + "\n"
