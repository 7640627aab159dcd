"""Works on several pieces of a file at once, and gives what they became in their order.

Hashing short values and reading phone numbers hold Python's lock, so threads would not use a second vCPU.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import LifoQueue
from types import TracebackType
from typing import Protocol, Self

from services.normalizer.batches import Batch
from services.normalizer.crew.process import CrewProcess, ProcessLost
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.piecework import PieceWork
from shared.logs import get_logger
from shared.stopping import StopSignal, stop_signal

# Another process takes half a second to start, in which so many pieces are done.
_FIRST_PIECES = 6

log = get_logger()


class _Place(Protocol):
    def work(self, work: PieceWork, piece: Piece, stop: StopSignal) -> Batch: ...


class _Here:
    def work(self, work: PieceWork, piece: Piece, stop: StopSignal) -> Batch:
        stop.check()
        return work(piece)


class Crew:
    """This process and, for every further vCPU, another one, which starts with the first file that needs it.

    One crew serves all files that are in work in a process, from any threads; together they have as many
    pieces in work as there are vCPUs. A process that is lost is not replaced: what took it, most likely want
    of memory, would take the next one, too. Its piece is worked on again elsewhere, at last in this process.

    Where a file is given up, the processes that work on its pieces are ended at once. They start again with
    the next file that needs them.
    """

    def __init__(self, size: int = 1) -> None:
        """Of so many processes, this one included."""
        self._others = [CrewProcess() for _ in range(size - 1)]
        self._idle: LifoQueue[_Place] = LifoQueue()
        places: list[_Place] = [_Here(), *self._others]
        for place in places:
            self._idle.put(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the other processes, whatever they are doing."""
        for other in self._others:
            other.close()

    def in_order(self, work: PieceWork, pieces: Iterable[Piece]) -> Iterator[Batch]:
        """What the pieces become, in their order. The first few, and so most files, are not handed around.

        Raises:
            LandfallError: as the work does, for the first piece that it fails for.
            WorkStopped: the file was given up.
        """
        rest = iter(pieces)
        stop, here = stop_signal(), _Here()
        for piece in islice(rest, _FIRST_PIECES if self._others else None):
            yield here.work(work, piece, stop)
        size = 1 + len(self._others)
        with ThreadPoolExecutor(size, thread_name_prefix="crew") as threads:
            running: deque[Future[Batch]] = deque()
            for piece in rest:
                running.append(threads.submit(self._work, work, piece, stop))
                if len(running) > size:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()

    def _work(self, work: PieceWork, piece: Piece, stop: StopSignal) -> Batch:
        while True:
            place = self._idle.get()
            lost = False
            try:
                return place.work(work, piece, stop)
            except ProcessLost:
                lost = True
                log.warning("crew_process_lost")
            finally:
                if not lost:
                    self._idle.put(place)
