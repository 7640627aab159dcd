"""City, state and postal code, as each standard writes them before hashing; streets.py has the street.

States and postal codes depend on the country. ``country`` is an upper-case alpha-2 code, or None where it
is not known; then no rule of a particular country is applied.
"""

from __future__ import annotations

import re

from services.normalizer.matchkeys.subdivisions import CODES
from services.normalizer.matchkeys.text import (
    clean_words,
    entity_resolution_accents,
    folded,
    lowered,
    non_empty,
    only_letters_and_digits,
    without_spaces_and_punctuation,
)

# Longest code that is taken as given where no table of the country's states is kept.
_LONGEST_STATE_CODE = 3
# Without a country, these names are still beyond doubt.
_NORTH_AMERICA = CODES["US"] | CODES["CA"]

_DIGIT = re.compile("[0-9]")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_AMAZON_DIGITS = {"US": 5, "DE": 5, "FR": 5, "IT": 5, "ES": 5, "IN": 6, "JP": 7}
_AMAZON_SHAPES = {
    "CA": re.compile(r"(?:[a-z][0-9]){3}"),
    "GB": re.compile(r"[a-z]{1,2}[0-9][a-z0-9]?[0-9][a-z]{2}"),
}
# Mail for large receivers in France has the office's number behind the code: 42014 CEDEX 2
_CEDEX = re.compile(r"(?:f-?\s*)?([0-9]{5})(?![0-9]).*\bcedex\b(?:\s*[0-9]{1,2})?")
# No other country writes nine digits: five and, after a dash or none, four more (ZIP+4).
_ZIP_PLUS_4 = re.compile(r"([0-9]{5})[0-9]{4}")
_US_ZIP = re.compile(r"([0-9]{5})(?:[0-9]{4})?")
_DASH = re.compile("[-\u2010\u2011\u2012\u2013\u2014]")


def amazon_city(value: str) -> str | None:
    """Lower case, only ``a-z0-9``."""
    text = lowered(value)
    return None if text is None else non_empty(only_letters_and_digits(text))


def entity_resolution_city(value: str) -> str | None:
    """Lower case, ``å`` → ``aa``, NFD, only ``a-z0-9``: other accents go, their letters stay."""
    text = lowered(value)
    return None if text is None else non_empty(only_letters_and_digits(entity_resolution_accents(text)))


def meta_city(value: str) -> str | None:
    """Lower case, no white space and no punctuation; letters of every script stay."""
    text = lowered(value)
    return None if text is None else non_empty(without_spaces_and_punctuation(text))


def state_code(value: str, country: str | None) -> str | None:
    """The state's code in lower case, from its code or its name (``Québec`` in CA → ``qc``, never ``qu``).

    In a country whose states are listed (subdivisions.py) anything else is invalid. Elsewhere a code of up
    to three letters or digits is taken as given, and a name, which nothing turns into a code, is invalid.
    Where the country is not known, the names of the United States and Canada are understood as well.
    """
    text = clean_words(value)
    if text is None:
        return None
    name = folded(text)
    codes = _NORTH_AMERICA if country is None else CODES.get(country)
    if codes is not None and name in codes:
        return codes[name]
    if country in CODES or len(name) > _LONGEST_STATE_CODE:
        return None
    return non_empty(name)


def meta_state(value: str, country: str | None) -> str | None:
    """The two-letter code in the US and Canada; elsewhere lower case without white space and punctuation.

    Where the country is not known, a state of either is recognised and all else is taken as foreign.
    """
    text = lowered(value)
    if text is None:
        return None
    codes = _NORTH_AMERICA if country is None else CODES[country] if country in {"US", "CA"} else {}
    if (code := codes.get(folded(text))) is not None:
        return code
    return None if country in {"US", "CA"} else non_empty(without_spaces_and_punctuation(text))


def amazon_zip(value: str, country: str | None) -> str | None:
    """A postal code of the country's shape, without spaces.

    US, DE, FR, IT and ES have 5 digits (ZIP+4 and CEDEX are cut, with or without a country), IN 6 and JP 7;
    CA is ``a1a1a1``; GB has the shape of a postcode, of up to 7 characters. Any other shape is invalid there.
    Elsewhere, and where the country is not known, all letters ``a-z`` and digits are kept.
    """
    text = lowered(value)
    if text is None:
        return None
    if country in {None, "FR"} and "cedex" in text and (cedex := _CEDEX.fullmatch(text)):
        return cedex[1]
    if country in _AMAZON_DIGITS:
        return _of_length(_NOT_DIGITS.sub("", text), country)
    kept = only_letters_and_digits(text)
    if country is None and (found := _ZIP_PLUS_4.fullmatch(kept)):
        return non_empty(found[1])
    if country in _AMAZON_SHAPES and _AMAZON_SHAPES[country].fullmatch(kept) is None:
        return None
    return non_empty(kept)


def _of_length(digits: str, country: str) -> str | None:
    if country == "US" and (found := _ZIP_PLUS_4.fullmatch(digits)):
        digits = found[1]
    return non_empty(digits) if len(digits) == _AMAZON_DIGITS[country] else None


def entity_resolution_zip(value: str) -> str | None:
    """Lower case, up to the first dash, then only ``a-z0-9``; without a digit it is no postal code."""
    text = lowered(value)
    if text is None:
        return None
    kept = only_letters_and_digits(_DASH.split(text, maxsplit=1)[0])
    return non_empty(kept) if _DIGIT.search(kept) else None


def meta_zip(value: str, country: str | None) -> str | None:
    """Lower case without white space and dashes; in the US the first five digits of ZIP or ZIP+4.

    ZIP+4 is cut where the country is not known, too.
    """
    text = lowered(value)
    if text is None:
        return None
    kept = _DASH.sub("", "".join(text.split()))
    if country == "US":
        found = _US_ZIP.fullmatch(kept)
        return non_empty(found[1]) if found else None
    found = _ZIP_PLUS_4.fullmatch(kept) if country is None else None
    return non_empty(found[1] if found else kept)
