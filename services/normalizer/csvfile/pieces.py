"""Cuts a stream into pieces of whole records."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.normalizer.csvfile.blocks import Blocks
from services.normalizer.csvfile.boundary import last_boundary, sound_quoting
from services.normalizer.csvfile.checks import MAX_FIELD_BYTES, count_filled_lines
from services.normalizer.csvfile.grammar import LINE_END
from services.normalizer.csvfile.records import Record, Records
from services.normalizer.csvfile.scanner import MAX_RECORD_BYTES, Scanner
from services.normalizer.rejects import Damage

_MAX_ROWS = 80_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records. ``records`` says where each stands, if the quoting is not sound and it took a scan."""

    data: bytes
    records: Records | None = None
    end: int = 0
    """Where the piece ends in the file's text, in bytes of UTF-8."""
    max_rejects: int = sys.maxsize
    """How many rejected records are wanted for quarantine; the others are counted only."""


def pieces(source: Blocks, scanner: Scanner, size: int) -> Iterator[Piece]:
    """Yield the records of ``source`` in pieces of about ``size`` bytes, fewer where rows are very short.

    The cuts depend on the bytes alone, not on how the source doles them out. At most ``size`` and one
    record of the longest that is accepted are held.
    """
    data, final, hungry = b"", False, True
    while data or not final:
        if hungry and not final:
            # A record that goes on is looked for in twice as much, so that looking again costs little.
            enough = -(-(MAX_RECORD_BYTES + 1 - len(data)) // size)
            wanted = size * max(1, min(len(data) // size, enough))
            block = source.read(wanted)
            final = len(block) < wanted
            data += block
        enough = _enough(data, size)
        if end := _sound_end(data, scanner, enough, final=final):
            yield Piece(data[:end], None, source.position - len(data) + end)
        elif (records := scanner.records(data, final=final, size=enough)).end:
            end = records.end
            yield Piece(data[:end], records, source.position - len(data) + end)
        elif len(data) > MAX_RECORD_BYTES:
            piece = _too_long(data)
            following = _after_line_break(data, source, size)
            final = final or following is None
            data, end = following or b"", 0
            yield replace(piece, end=source.position - len(data))
        data = data[end:]
        hungry = not end or len(data) < size


def _enough(data: bytes, size: int) -> int:
    """So many bytes of the data, at most ``size``, that they are about ``_MAX_ROWS`` rows at most.

    Memory goes by rows as much as by bytes: a hash is longer than many a row.
    """
    if data.count(b"\n", 0, size) + data.count(b"\r", 0, size) <= _MAX_ROWS:
        return size
    rows = count_filled_lines(data[:size])
    return size if rows <= _MAX_ROWS else max(1, size * _MAX_ROWS // rows)


def _sound_end(data: bytes, scanner: Scanner, size: int, *, final: bool) -> int:
    """Where whole records end whose quoting is sound, in about the first ``size`` bytes or in all; else 0."""
    delimiter, quote = scanner.grammar.delimiter, scanner.grammar.quote
    if len(data) > (size * 5) // 4:
        enough = size + data.startswith(b"\r\n", size - 1)
        end = last_boundary(data[:enough], quote)
        if end and (not quote or sound_quoting(data[:end], delimiter, quote)):
            return end
    end = len(data) if final else last_boundary(data, quote)
    return end if not quote or sound_quoting(data[:end], delimiter, quote) else 0


def _too_long(data: bytes) -> Piece:
    """The beginning of a line whose end is out of reach, as a record of its own."""
    shown = min(len(data), MAX_FIELD_BYTES)
    return Piece(data[:shown], Records.collect([Record(0, shown, shown, Damage.TOO_LONG)]))


def _after_line_break(data: bytes, source: Blocks, size: int) -> bytes | None:
    """What follows the line that ``data`` begins with; None if that line is the last."""
    while data:
        if line_end := LINE_END.search(data):
            return data[line_end.end() :]
        data = source.read(size)
    return None
