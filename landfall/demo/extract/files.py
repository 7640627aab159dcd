"""The files as bytes: each in its own encoding and delimiter, and the zip that holds them."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from landfall.demo.extract.columns import COLUMNS

_WRITTEN_AT = (2026, 1, 31, 1, 0, 0)
_READABLE_FILE = 0o100644 << 16
_QUICK = 3  # of 9: half the time of the default for a sixth more bytes


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. Lines end in CRLF; quotes stand where they must, or around everything."""

    encoding: str = "utf-8"
    mark: bytes = b""
    delimiter: str = ","
    quote_all: bool = False


_PLAIN = Dialect()
DIALECTS: Mapping[str, Dialect] = {
    "Attributes.csv": Dialect(encoding="utf-16-le", mark=codecs.BOM_UTF16_LE),
    "Bounces.csv": Dialect(delimiter="\t"),
    "Clicks.csv": Dialect(quote_all=True),
    "Subscribers.csv": Dialect(mark=codecs.BOM_UTF8),
}
"""Where a file differs from UTF-8 without a mark, commas, and quotes only where they must be."""


def write_csv(name: str, rows: Iterable[Sequence[str | int]]) -> tuple[bytes, int]:
    """The file's bytes, header included, and the number of its records."""
    dialect = DIALECTS.get(name, _PLAIN)
    text = io.StringIO(newline="")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if dialect.quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\r\n", quoting=quoting)
    writer.writerow(COLUMNS[name])
    records = 0
    for row in rows:
        writer.writerow(row)
        records += 1
    return dialect.mark + text.getvalue().encode(dialect.encoding), records


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """The files in a zip, deflated, stamped with a fixed time so that the same files make the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, _WRITTEN_AT)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = _READABLE_FILE
            member.create_system = 3  # Unix, on whatever machine this runs
            opened.writestr(member, content, compresslevel=_QUICK)
    return archive.getvalue()
