"""Cuts a stream into pieces of whole records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.normalizer.csvfile.blocks import Blocks
from services.normalizer.csvfile.boundary import last_boundary, sound_quoting
from services.normalizer.csvfile.grammar import LINE_END
from services.normalizer.csvfile.records import Record, Records
from services.normalizer.csvfile.scanner import MAX_FIELD_BYTES, MAX_RECORD_BYTES, Scanner
from services.normalizer.rejects import Damage


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records. ``records`` says where each stands, if the quoting is not sound and it took a scan."""

    data: bytes
    records: Records | None = None


def pieces(source: Blocks, scanner: Scanner, size: int) -> Iterator[Piece]:
    """Yield the records of ``source`` in pieces of about ``size`` bytes.

    The cuts depend on the bytes alone, not on how the source doles them out. At most ``size`` and one
    record of the longest that is accepted are held.
    """
    grammar = scanner.grammar
    rest, final = b"", False
    while not final:
        block = source.read(size)
        final = len(block) < size
        data = rest + block
        end = len(data) if final else last_boundary(data, grammar.quote)
        whole = data[:end]
        if whole and (not grammar.quote or sound_quoting(whole, grammar.delimiter, grammar.quote)):
            yield Piece(whole)
        elif records := Records.collect(scanner.scan(data, final=final)):
            end = records.end
            yield Piece(data[:end], records)
        elif len(data) > MAX_RECORD_BYTES:
            yield _too_long(data)
            following = _after_line_break(data, source, size)
            final = following is None
            data, end = following or b"", 0
        else:
            end = 0
        rest = data[end:]


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
