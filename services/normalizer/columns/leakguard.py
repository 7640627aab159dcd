"""The last guard before text is written in the clear: what may be an e-mail address does not pass.

Recipes keep only columns that should hold no personal data. Senders put addresses into campaign names and
link aliases all the same, so every kept text is checked, and withheld rather than cleaned.
"""

from __future__ import annotations

import pyarrow.compute as pc

from services.normalizer.columns.arrays import Mask, Text, if_any, null_where, trimmed
from services.normalizer.columns.conversion import Converted

# "@" between other characters or before a domain, in all its widths, in the escapes of URLs (once or
# repeatedly) and of HTML, and spelt out.
_ADDRESS_LIKE = (
    r"(?i)\S[@＠﹫]\S|[@＠﹫]\s*[\pL\pN.-]+\.\pL{2,}"
    r"|%(25)*40|&#0*64\b|&#x0*40\b|&commat\b|[(\[{<]\s*at\s*[)\]}>]"
)


def address_like(text: Text) -> Mask:
    """Where text may hold an e-mail address."""
    return pc.match_substring_regex(text, _ADDRESS_LIKE)


def to_string(text: Text) -> Converted:
    """Text without white space around it; NULL and suppressed where it may hold an e-mail address."""
    given = trimmed(text)
    suppressed = if_any(address_like(given))
    return Converted(given if suppressed is None else null_where(suppressed, given), None, suppressed)
