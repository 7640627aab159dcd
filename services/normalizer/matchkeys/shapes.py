r"""Everyday shapes: values of which a rule does no more than lower-case them.

Nearly every value of a real file has one. They are recognised for a whole column at once, by RE2, and the
rule itself is only asked about the others; what it would have said of these is the same, which the tests
prove shape by shape. All shapes are of printable ASCII, where lower-casing is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from services.normalizer.matchkeys import address, emails, names, text
from services.normalizer.matchkeys.shape import Shape

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
        text.lowered: Shape(_PRINTABLE),
        emails.plain: Shape(_ADDRESS),
        emails.amazon: Shape(_BARE_ADDRESS),
        emails.entity_resolution: Shape(_BARE_ADDRESS),
        emails.google: Shape(_ADDRESS, _GMAIL_OF_GOOGLE),
        emails.uid2: Shape(_ADDRESS, _GMAIL),
        names.plain: Shape(_PRINTABLE),
        names.amazon: Shape(_WORD),
        names.entity_resolution: Shape(_LETTERS),
        names.google_first: Shape(_WORD),
        names.google_last: Shape(_WORD),
        names.meta: Shape(_WORD),
        address.amazon_city: Shape(_WORD),
        address.entity_resolution_city: Shape(_WORD),
        address.entity_resolution_zip: Shape(_WORD),
        address.meta_city: Shape(_WORD),
    }
)
"""By the function of the rule."""
