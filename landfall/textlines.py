"""Lines of text from a stream of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_BOM = b"\xef\xbb\xbf"


def text_lines(stream: BinaryIO) -> Iterator[str]:
    """Lines without their ends. Bytes that are not UTF-8 become U+FFFD, which no rule accepts."""
    first = True
    while line := stream.readline():
        if first:
            line, first = line.removeprefix(_BOM), False
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")
