r"""Everyday shapes: values of which a rule does no more than lower-case them.

Nearly every value of a real file has one. They are recognised for a whole column at once, by RE2, and the
rule itself is only asked about the others; what it would have said of these is the same, which the tests
prove shape by shape. All shapes are of printable ASCII, where lower-casing is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.normalizer.matchkeys.shape import Shape
from services.normalizer.matchkeys.text import NOTHING
from services.normalizer.matchkeys.version1 import address, emails, names, text

_LABEL = "[0-9A-Za-z-]+"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})+"
_GMAIL = r"@[Gg][Mm][Aa][Ii][Ll]\.[Cc][Oo][Mm]$"
_GMAIL_OF_GOOGLE = r"@[Gg](?:[Oo][Oo][Gg][Ll][Ee])?[Mm][Aa][Ii][Ll]\.[Cc][Oo][Mm]$"

_ADDRESS = rf"[0-9A-Za-z!#$%&'*+./=?^_`{{|}}~-]+@{_DOMAIN}"
_BARE_ADDRESS = rf"[0-9A-Za-z_.-]+@{_DOMAIN}"
_PRINTABLE = "[!-~](?:[ -~]*[!-~])?"
_WORD = "[0-9A-Za-z]+"
_LETTERS = "[A-Za-z]+"

EVERYDAY: Mapping[Callable[[str], str | None], Shape] = MappingProxyType(
    {
        text.lowered: Shape(_PRINTABLE, NOTHING),
        emails.plain: Shape(_ADDRESS, NOTHING),
        emails.amazon: Shape(_BARE_ADDRESS, NOTHING),
        emails.entity_resolution: Shape(_BARE_ADDRESS, NOTHING),
        emails.google: Shape(_ADDRESS, NOTHING, _GMAIL_OF_GOOGLE),
        emails.uid2: Shape(_ADDRESS, NOTHING, _GMAIL),
        names.plain: Shape(_PRINTABLE, NOTHING),
        names.amazon: Shape(_WORD, NOTHING),
        names.entity_resolution: Shape(_LETTERS, NOTHING),
        names.google_first: Shape(_WORD, NOTHING),
        names.google_last: Shape(_WORD, NOTHING),
        names.meta: Shape(_WORD, NOTHING),
        address.amazon_city: Shape(_WORD, NOTHING),
        address.entity_resolution_city: Shape(_WORD, NOTHING),
        address.entity_resolution_zip: Shape(_WORD, NOTHING),
        address.meta_city: Shape(_WORD, NOTHING),
    }
)
"""By the function of the rule."""
