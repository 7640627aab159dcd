"""Cuts a stream into pieces of whole records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.normalizer.csvfile.boundary import last_boundary, sound_quoting
from services.normalizer.csvfile.encoding import ByteStream, read_fully
from services.normalizer.csvfile.grammar import LINE_END
from services.normalizer.csvfile.scanner import MAX_FIELD_BYTES, MAX_RECORD_BYTES, Record, Scanner
from services.normalizer.rejects import Damage


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records. ``records`` says where each stands, if the quoting is not sound and it took a scan."""

    data: bytes
    records: list[Record] | None = None


def pieces(source: ByteStream, head: bytes, scanner: Scanner, size: int) -> Iterator[Piece]:
    """Yield the records of ``head`` and then of ``source`` in pieces of about ``size`` bytes.

    The cuts depend on the bytes alone, not on how the source doles them out. At most ``size`` and one
    record of the longest that is accepted are held.
    """
    grammar = scanner.grammar
    rest, final = head, False
    while not final:
        block = read_block(source, size)
        final = len(block) < size
        data = rest + block
        end = len(data) if final else last_boundary(data, quoted=grammar.quoted)
        whole = data[:end]
        if whole and (not grammar.quoted or sound_quoting(whole, grammar.delimiter)):
            yield Piece(whole)
        elif records := list(scanner.scan(data, final=final)):
            end = records[-1].end
            yield Piece(data[:end], records)
        elif len(data) > MAX_RECORD_BYTES:
            yield _too_long(data)
            following = _after_line_break(data, source, size)
            final = following is None
            data, end = following or b"", 0
        else:
            end = 0
        rest = data[end:]


def read_block(source: ByteStream, size: int) -> bytes:
    """Read ``size`` bytes, and a few more rather than end between CR and LF; fewer only at the end."""
    block = read_fully(source, size)
    while block.endswith(b"\r") and (more := source.read(1)):
        block += more
    return block


def _too_long(data: bytes) -> Piece:
    """The beginning of a line whose end is out of reach, as a record of its own."""
    shown = min(len(data), MAX_FIELD_BYTES)
    return Piece(data[:shown], [Record(0, shown, shown, Damage.TOO_LONG)])


def _after_line_break(data: bytes, source: ByteStream, size: int) -> bytes | None:
    """What follows the line that ``data`` begins with; None if that line is the last."""
    while data:
        if line_end := LINE_END.search(data):
            return data[line_end.end() :]
        data = read_block(source, size)
    return None
