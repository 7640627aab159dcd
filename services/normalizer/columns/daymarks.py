"""Dates and times in the characters that their patterns are written in.

Unicode's locale data puts a narrow no-break space (U+202F) before AM and PM since version 42, and some
languages write ``a. m.``; marks of writing direction come with copied text. A pattern has none of them.
"""

from __future__ import annotations

import re

import pyarrow.compute as pc

from services.normalizer.columns.arrays import Text, text_of

_UNUSUAL = r"[^\x00-\x7f]|\t|[AaPp] ?\. ?[Mm]|[AaPp][Mm]\."
_SPACES = r"[\p{Zs}\p{Zl}\p{Zp}\t\x{85}]+"
_INVISIBLE = r"[\p{Cf}]+"
_HALF_OF_DAY = r"^(.*[0-9]) *([AaPp])(?: ?\. ?| )?[Mm]\.?( .*)?$"


def in_plain_characters(text: Text, formats: tuple[str, ...]) -> Text | None:
    """The text with ASCII spaces only, nothing invisible, and AM and PM as the formats have them.

    None if all of it is in plain characters: of such text, each space counts.
    """
    unusual = pc.match_substring_regex(text, _UNUSUAL)
    if not pc.any(unusual).as_py():
        return None
    visible = pc.replace_substring_regex(text, _INVISIBLE, "")
    plain = pc.replace_substring_regex(visible, _SPACES, " ")
    gap = next((match[1] for each in formats if (match := re.search("( ?)%p", each))), None)
    if gap is not None:
        plain = pc.replace_substring_regex(plain, _HALF_OF_DAY, rf"\1{gap}\2m\3")
    return text_of(pc.if_else(unusual, plain, text))
