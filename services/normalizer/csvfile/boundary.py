"""Where a piece of a file may be cut, and whether its quoting is sound, without looking at each record.

Counting quotes is enough to know whether a line end stands inside quotes, provided that every quote opens
or closes a field or is doubled; ``sound_quoting`` proves just that, for all quotes of the piece at once.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def last_boundary(data: bytes, quote: bytes) -> int:
    """The position after the last line break, outside quotes if there are any; 0 if there is none.

    Right only where the quoting is sound up to there and ``data`` does not end between CR and LF.
    """
    line_breaks = _LineBreaks(data)
    end = line_breaks.position_after_last(len(data))
    inside = data.count(quote, 0, end) % 2 if quote else 0
    while inside:
        opening = data.rfind(quote, 0, end)
        end = line_breaks.position_after_last(opening)
        inside = data.count(quote, end, opening) % 2
    return end


class _LineBreaks:
    """Finds line breaks from the end on, passing over no byte twice."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._last = dict.fromkeys((b"\n", b"\r"), len(data))

    def position_after_last(self, stop: int) -> int:
        """After the last line break before ``stop``, 0 if there is none; ``stop`` must not grow."""
        for byte, last in self._last.items():
            if last >= stop:
                self._last[byte] = self._data.rfind(byte, 0, stop)
        return max(self._last.values()) + 1


def sound_quoting(data: bytes, delimiter: bytes, quote: bytes) -> bool:
    """Whether every quote in whole records stands where the grammar of quoted fields wants it.

    The first quote and every second one after it must open a field or follow directly upon the quote
    before; each of the others must close a field or come directly before the next quote. A quote inside an
    unquoted field, which is no damage, also gives False: then the scanner decides.
    """
    if quote not in data:
        return True
    octets = pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)])
    quotes = pc.indices_nonzero(pc.equal(octets, pa.scalar(quote[0], pa.uint8())))
    if len(quotes) % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    if data.startswith(quote):
        opening = opening[1:]
    if data.endswith(quote):
        closing = closing[:-1]
    one = pa.scalar(1, pa.uint64())
    neighbours = pa.chunked_array(
        [octets.take(pc.subtract(opening, one)), octets.take(pc.add(closing, one))], pa.uint8()
    )
    allowed = pa.array(quote + b"\r\n" + delimiter, pa.uint8())
    return pc.all(pc.is_in(neighbours, value_set=allowed)).as_py() is not False
