"""What AWS Clean Rooms accepts of a table: names, types and how many columns.

Source: "Data formats" and the quotas page of the AWS Clean Rooms user guide. The types are those that both of
its engines read alike, so fewer than it lists.
"""

from __future__ import annotations

import re

MAX_COLUMNS = 100
_NAME = re.compile(r"[a-z0-9_]{1,128}")
_SAFE_TYPE = re.compile(r"string|bigint|boolean|date|timestamp|double|decimal\(\d+,\d+\)")


def fits_name(name: str) -> bool:
    """Whether a table or column may be called so."""
    return _NAME.fullmatch(name) is not None


def fits_type(glue_type: str) -> bool:
    """Whether a column may have this Glue type."""
    return _SAFE_TYPE.fullmatch(glue_type) is not None
