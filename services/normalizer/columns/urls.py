"""URLs without what makes them personal.

Salesforce Marketing Cloud resolves personalisation before it logs a click, so a logged URL may carry a
subscriber key, an address or a token in its user information, its query, its fragment or even its path.
"""

from __future__ import annotations

import pyarrow.compute as pc

from services.normalizer.columns.arrays import Text, if_any, newly_null, trimmed
from services.normalizer.columns.conversion import Converted
from services.normalizer.columns.leakguard import address_like

# The user information is greedy: whatever precedes the last "@" of the authority is dropped. The path ends
# at a query, a fragment, path parameters or white space.
_HTTP = (
    r"(?s)^(?P<scheme>(?i)https?)://(?:[^/?#\\]*@)?"
    r"(?P<host>[\pL\pN](?:[\pL\pN._-]*[\pL\pN])?\.?(?::[0-9]{1,5})?)"
    r"(?P<path>/(?:&#|[^?#;\s])*)?(?:[?#;\s/\\].*)?$"
)
# Also an "@" at the very end, and the beginning of a character reference, which its "#" cuts short.
_SUSPICIOUS_IN_PATHS = "[@＠]|&#"


def to_url(text: Text) -> Converted:
    """Scheme, host and path of an http or https URL; anything else is invalid.

    A path that may hold an e-mail address is cut off and counted as suppressed.
    """
    given = trimmed(text)
    parts = pc.extract_regex(given, _HTTP)
    scheme, host, path = (pc.struct_field(parts, name) for name in ("scheme", "host", "path"))
    origin = pc.binary_join_element_wise(pc.utf8_lower(scheme), pc.utf8_lower(host), "://")
    suppressed = if_any(pc.or_(address_like(path), pc.match_substring_regex(path, _SUSPICIOUS_IN_PATHS)))
    if suppressed is not None:
        path = pc.if_else(suppressed, "", path)
    values = pc.binary_join_element_wise(origin, path, "")
    return Converted(values, newly_null(given, values), suppressed)
