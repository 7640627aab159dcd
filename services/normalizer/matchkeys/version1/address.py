"""City, state and postal code, as each standard writes them before hashing.

States and postal codes depend on the country. ``country`` is an upper-case alpha-2 code, or None where it
is not known; then no rule of a particular country is applied.
"""

from __future__ import annotations

import re

from services.normalizer.matchkeys import subdivisions
from services.normalizer.matchkeys.text import (
    decomposed,
    folded,
    only_letters_and_digits,
    present,
    without_spaces_and_punctuation,
)
from services.normalizer.matchkeys.version1.text import lowered, something

# Countries whose tables came with a later version have none here.
CODES = {country: subdivisions.CODES[country] for country in ("US", "CA", "AU", "DE", "ES", "IT")}

# Longest code that is taken as given where no table of the country's states is kept.
_LONGEST_STATE_CODE = 3
# Without a country, these names are still beyond doubt.
_NORTH_AMERICA = CODES["US"] | CODES["CA"]

_NOT_DIGITS = re.compile(r"[^0-9]+")
_AMAZON_DIGITS = {"US": 5, "DE": 5, "FR": 5, "IT": 5, "ES": 5, "IN": 6, "JP": 7}
_AMAZON_SHAPES = {
    "CA": re.compile(r"(?:[a-z][0-9]){3}"),
    "GB": re.compile(r"[a-z]{1,2}[0-9][a-z0-9]?[0-9][a-z]{2}"),
}
_US_DIGITS_WITH_PLUS_4 = 9
_US_META = re.compile(r"([0-9]{5})(?:[0-9]{4})?")
_DASHES = str.maketrans("", "", "-\u2010\u2011\u2012\u2013\u2014")


def amazon_city(value: str) -> str | None:
    """Lower case, only ``a-z0-9``."""
    text = lowered(value)
    return None if text is None else something(only_letters_and_digits(text))


def entity_resolution_city(value: str) -> str | None:
    """NFD, lower case, only ``a-z0-9``: accents go, their letters stay."""
    text = lowered(value)
    return None if text is None else something(only_letters_and_digits(decomposed(text).lower()))


def meta_city(value: str) -> str | None:
    """Lower case, no white space and no punctuation; letters of every script stay."""
    text = lowered(value)
    return None if text is None else something(without_spaces_and_punctuation(text))


def state_code(value: str, country: str | None) -> str | None:
    """The state's code in lower case, from its code or its name (``Québec`` in CA → ``qc``, never ``qu``).

    In a country whose states are listed (subdivisions.py) anything else is invalid. Elsewhere a code of up
    to three letters or digits is taken as given, and a name, which nobody can turn into a code, is invalid.
    Where the country is not known, the names of the United States and Canada are understood as well.
    """
    text = present(value)
    if text is None:
        return None
    name = folded(text)
    codes = _NORTH_AMERICA if country is None else CODES.get(country)
    if codes is not None and name in codes:
        return codes[name]
    if country in CODES or not 0 < len(name) <= _LONGEST_STATE_CODE:
        return None
    return name


def meta_state(value: str, country: str | None) -> str | None:
    """The two-letter code in the US; elsewhere lower case without white space and punctuation.

    Where the country is not known, a state of the US is recognised and all else is taken as foreign.
    """
    text = lowered(value)
    if text is None:
        return None
    if country in {None, "US"} and (code := CODES["US"].get(folded(text))) is not None:
        return code
    return None if country == "US" else something(without_spaces_and_punctuation(text))


def amazon_zip(value: str, country: str | None) -> str | None:
    """A postal code of the country's shape, without spaces.

    US, DE, FR, IT and ES have 5 digits (ZIP+4 is cut), IN 6 and JP 7; CA is ``a1a1a1``; GB has the shape of a
    postcode, of up to 7 characters. Any other shape is invalid there. Elsewhere, and where the country is not
    known, all letters ``a-z`` and digits are kept.
    """
    text = lowered(value)
    if text is None:
        return None
    if country in _AMAZON_DIGITS:
        digits = _NOT_DIGITS.sub("", text)
        length = _AMAZON_DIGITS[country]
        if country == "US" and len(digits) == _US_DIGITS_WITH_PLUS_4:
            return digits[:length]
        return digits if len(digits) == length else None
    kept = only_letters_and_digits(text)
    if country in _AMAZON_SHAPES and _AMAZON_SHAPES[country].fullmatch(kept) is None:
        return None
    return something(kept)


def entity_resolution_zip(value: str) -> str | None:
    """Lower case, up to the first ``-``."""
    text = lowered(value)
    return None if text is None else something(text.partition("-")[0].rstrip())


def meta_zip(value: str, country: str | None) -> str | None:
    """Lower case without white space and dashes; in the US the first five digits of ZIP or ZIP+4."""
    text = lowered(value)
    if text is None:
        return None
    kept = "".join(text.split()).translate(_DASHES)
    if country != "US":
        return something(kept)
    found = _US_META.fullmatch(kept)
    return found[1] if found else None
