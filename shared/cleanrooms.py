"""What AWS Clean Rooms accepts of a table: its names and types, and how many columns are offered.

Source: "Data formats" and the quotas page of the AWS Clean Rooms user guide. The types are those that both of
its engines read alike, so fewer than it lists.
"""

from __future__ import annotations

import re

MAX_ALLOWED_COLUMNS = 100
"""Columns that the allow-list of a configured table may name, by default: AWS raises the quota on request.

The table itself may have more. Only what writes or describes an allow-list needs this number.
"""
_NAME = re.compile(r"[a-z0-9_]{1,128}")
_SAFE_TYPE = re.compile(r"string|bigint|boolean|date|timestamp|double|decimal\(\d+,\d+\)")


def fits_name(name: str) -> bool:
    """Whether a table or column may be called so."""
    return _NAME.fullmatch(name) is not None


def fits_type(glue_type: str) -> bool:
    """Whether a column may have this Glue type."""
    return _SAFE_TYPE.fullmatch(glue_type) is not None
