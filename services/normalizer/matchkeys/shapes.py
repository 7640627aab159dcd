r"""Everyday shapes: values of which a rule does no more than lower-case them.

Nearly every value of a real file has one. They are recognised for a whole column at once, by RE2, and the
rule itself is only asked about the others; what it would have said of these is the same, which the tests
prove shape by shape. All shapes are of printable ASCII, where lower-casing is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.normalizer.matchkeys import address, emails, names, text
from services.normalizer.matchkeys.fillers import NULL_WORDS
from services.normalizer.matchkeys.shape import Shape

_LABEL = "[0-9A-Za-z_-]*[0-9A-Za-z][0-9A-Za-z_-]*"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})+"
_GMAIL = r"@[Gg][Mm][Aa][Ii][Ll]\.[Cc][Oo][Mm]$"
_GMAIL_OF_GOOGLE = r"@[Gg](?:[Oo][Oo][Gg][Ll][Ee])?[Mm][Aa][Ii][Ll]\.[Cc][Oo][Mm]$"

_ADDRESS = rf"[+._-]*[0-9A-Za-z][0-9A-Za-z+._'-]*@{_DOMAIN}"
_BARE_ADDRESS = rf"[._-]*[0-9A-Za-z][0-9A-Za-z._-]*@{_DOMAIN}"

# At most seven digits, not all zeros and not all nines: no filler is such a number.
_POSTAL_DIGITS = "(?:[1-8][0-9]{0,5}|(?:0{1,3}[1-9]|9{1,3}[0-8])[0-9]{0,3}|(?:0{4,5}[1-9]|9{4,5}[0-8])[0-9]?)"
_WORD = "[A-Za-z][0-9A-Za-z]*"
_LETTERS = "[A-Za-z]+"
# None ends with a quotation mark: it might stand around a word for nothing.
_WORDS = r"[A-Za-z](?:[0-9A-Za-z '.,&/-]*[0-9A-Za-z.,&/-])?"
_FIRST_NAMES = "[A-Za-z](?:[0-9A-Za-z '-]*[0-9A-Za-z-])?"
_LAST_NAME = "[A-Za-z](?:[0-9A-Za-z'-]*[0-9A-Za-z-])?"

EVERYDAY: Mapping[Callable[[str], str | None], Shape] = MappingProxyType(
    {
        text.lowered: Shape(rf"{_WORDS}|{_POSTAL_DIGITS}(?:-[0-9]{{4}})?", NULL_WORDS),
        emails.plain: Shape(_ADDRESS, NULL_WORDS),
        emails.amazon: Shape(_BARE_ADDRESS, NULL_WORDS),
        emails.entity_resolution: Shape(_BARE_ADDRESS, NULL_WORDS),
        emails.google: Shape(_ADDRESS, NULL_WORDS, _GMAIL_OF_GOOGLE),
        emails.uid2: Shape(_ADDRESS, NULL_WORDS, _GMAIL),
        names.plain: Shape(_WORDS, NULL_WORDS),
        names.amazon: Shape(_WORD, NULL_WORDS),
        names.entity_resolution: Shape(_LETTERS, NULL_WORDS),
        names.google_first: Shape(_FIRST_NAMES, NULL_WORDS),
        names.google_last: Shape(_LAST_NAME, NULL_WORDS),
        names.meta: Shape(_WORD, NULL_WORDS),
        address.amazon_city: Shape(_WORD, NULL_WORDS),
        address.entity_resolution_city: Shape(_WORD, NULL_WORDS),
        address.entity_resolution_zip: Shape(
            rf"{_POSTAL_DIGITS}|[A-Za-z]{{1,2}}[0-9][0-9A-Za-z]*", NULL_WORDS
        ),
        address.meta_city: Shape(_WORD, NULL_WORDS),
    }
)
"""By the function of the rule."""
