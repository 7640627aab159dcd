"""Which of two full extracts of a source is the newer."""

from __future__ import annotations

import re
from datetime import UTC

from shared.identity import LandedFile

# A date, perhaps with the time of day after it: 20260131, 2026-01-31, 20260131T0503, 20260131050302.
_DATE_IN_NAME = re.compile(
    r"(?<!\d)(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?:[T_-]?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?(?!\d)"
)


def order_of(file: LandedFile) -> str:
    """What decides: the date in the extract's name, then S3's landing time. Compares correctly as text.

    Without a date in the name the landing date stands for it. The file's id comes last, so that no two files
    are ever equal.
    """
    landed = file.landed_at.astimezone(UTC)
    match = _DATE_IN_NAME.search(file.key.rpartition("/")[2])
    extract_date = "".join(match.groups()) if match else f"{landed:%Y%m%d}"
    return f"{extract_date} {landed:%Y-%m-%dT%H:%M:%S.%f}Z {file.file_id}"
