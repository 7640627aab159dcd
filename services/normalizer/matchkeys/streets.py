"""Street addresses (``123 Main Street``), by the word tables that the publishers print.

The tables are data: street_words_amazon.json and street_words_entity_resolution.json, with their sources.
The field is one line with house number and street, without city, state, postal code and country.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

from services.normalizer.matchkeys.text import (
    clean_words,
    composed,
    entity_resolution_accents,
    lower,
    lowered,
    non_empty,
    only_letters_and_digits,
)

_FOLDER = Path(__file__).parent

_Words = Mapping[str, list[str]]
"""By abbreviation: the words that it replaces."""


class _Amazon(TypedDict):
    source: str
    tables: dict[str, _Words]
    countries: dict[str, list[str]]


class _EntityResolution(TypedDict):
    source: str
    words: _Words
    countries: dict[str, _Words]
    delimiters: dict[str, str]
    directions: _Words
    numbers: _Words
    letters: dict[str, str]


_AMAZON: _Amazon = json.loads((_FOLDER / "street_words_amazon.json").read_bytes())
_ENTITY_RESOLUTION: _EntityResolution = json.loads(
    (_FOLDER / "street_words_entity_resolution.json").read_bytes()
)


def _by_word(tables: Iterable[_Words]) -> dict[str, str]:
    """From each word to its abbreviation, where a later table counts. An abbreviation stays as it is."""
    found: dict[str, str] = {}
    for table in tables:
        for short, words in table.items():
            found |= dict.fromkeys((short, *words), short)
    return found


_AMAZON_BY_COUNTRY = {
    country: _by_word(_AMAZON["tables"][name] for name in ("number", "direction", *names))
    for country, names in _AMAZON["countries"].items()
}
# A house number that passed through a data frame, before its street: 12.0 Main Street
_FLOAT = re.compile(r"(?<![^\s,])([0-9]+)[.,]0{1,2}(?![^\s,])")
_AMAZON_DELIMITERS = re.compile(r"\bC/O\b|[\s,!.(){}\[\]]+")
_AMAZON_POUND = re.compile(r"([A-Z]*)#([0-9A-Z/-]*)")
_HOUSE_AND_LETTER = re.compile(r"(\d+)-([^-]*[^-\d][^-]*)")

_ER_BY_COUNTRY = {country: _by_word([words]) for country, words in _ENTITY_RESOLUTION["countries"].items()}
_ER_WORDS = _by_word([_ENTITY_RESOLUTION["words"]])
_ER_DIRECTIONS = _by_word([_ENTITY_RESOLUTION["directions"]])
_ER_NUMBERS = _by_word([_ENTITY_RESOLUTION["numbers"]])
_ER_DELIMITERS = str.maketrans(_ENTITY_RESOLUTION["delimiters"])
_ER_LETTERS = str.maketrans(_ENTITY_RESOLUTION["letters"])


def amazon(value: str, country: str | None) -> str | None:
    """Words to abbreviations by the country's table (``8 Bluestem Terrace`` → ``8bluestemter``), joined.

    Only the countries of the published table (US, CA, GB, FR, DE, ES, IT, JP, IN) have a rule. Where it would
    lose part of a text around ``#``, there is no key.
    """
    words = _AMAZON_BY_COUNTRY.get(country or "")
    text = clean_words(_without_fractions(value))
    if words is None or text is None:
        return None
    written: list[str] = []
    for word in filter(None, _AMAZON_DELIMITERS.split(text.upper())):
        parts = _amazon_parts(word)
        if parts is None:
            return None
        written += [words.get(part, part) for part in parts]
    return non_empty(composed(lower("".join(written))) or "")


def _without_fractions(value: str) -> str:
    """Without fractions of zeros behind house numbers; invisible characters beside them do not matter."""
    return _FLOAT.sub(r"\1", composed(value) or "")


def _amazon_parts(word: str) -> tuple[str, ...] | None:
    """``12-B`` and ``APT#4`` in their parts; None where the rule has no answer for a ``#``."""
    if "#" in word:
        found = _AMAZON_POUND.fullmatch(word)
        return None if found is None else tuple(part for part in (found[1], "#", found[2]) if part)
    found = _HOUSE_AND_LETTER.fullmatch(word)
    return (word,) if found is None else (found[1], found[2])


def entity_resolution(value: str, country: str | None) -> str | None:
    """Words, delimiters, directions, number words and letters renamed; then only ``a-z0-9``.

    The order is the library's. Words have a table for all countries, and another one for US, FR, ES and IT.
    """
    text = lowered(_without_fractions(value))
    if text is None:
        return None
    of_country = _ER_BY_COUNTRY.get(country or "", {})
    text = _renamed(_renamed(text, _ER_WORDS), of_country).translate(_ER_DELIMITERS)
    text = _renamed(_renamed(text, _ER_DIRECTIONS), _ER_NUMBERS).translate(_ER_LETTERS)
    text = _renamed(_renamed(entity_resolution_accents(text), _ER_WORDS), of_country)
    return non_empty(only_letters_and_digits(text))


def _renamed(text: str, words: Mapping[str, str]) -> str:
    return " ".join(words.get(word, word) for word in text.split())
