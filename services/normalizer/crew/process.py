"""One process of the crew as its employer sees it: pieces go through one pipe, answers come through another.

Nothing but these pipes ties the two: no shared memory, no semaphores, no files. When the employer ends,
however it ends, the pipes end and the other process with them.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from io import BufferedReader, BufferedWriter
from pathlib import Path
from pickle import UnpicklingError
from threading import Lock
from typing import cast

from services.normalizer.batches import Batch
from services.normalizer.crew.messages import receive, send
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.piecework import PieceWork
from shared.errors import LandfallError
from shared.stopping import StopSignal

_ROOT = Path(__file__).parents[3]
_PIPE_BYTES = 1 << 20


class ProcessLost(Exception):
    """The process has ended; what became of its piece is unknown."""


class CrewProcess:
    """A process that works on one piece at a time; it starts with its first one, and again after a stop."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._told: PieceWork | None = None
        self._closed = False
        self._starting = Lock()

    def work(self, work: PieceWork, piece: Piece, stop: StopSignal) -> Batch:
        """What the piece becomes. Not for two threads at once.

        Raises:
            LandfallError: as the work does.
            WorkStopped: the signal came first, or ended the process.
            ProcessLost: the process has ended, or could not be started.
        """
        stop.check()
        process = self._running()
        answer: Batch | LandfallError | None = None
        try:
            with stop.ending(process.kill):
                answer = self._ask(process, work, piece)
        except ProcessLost:
            if stop.is_set:
                self._end()
            stop.check()
            raise
        finally:
            if answer is None:
                process.kill()  # half a question or half an answer may be left in the pipes
        if isinstance(answer, LandfallError):
            raise answer
        return answer

    def close(self) -> None:
        """End the process, and wait until it has ended. Who waits for an answer learns that it is lost."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        with self._starting:
            process, self._process, self._told = self._process, None, None
            if process is None:
                return
            process.kill()
            for pipe in _pipes(process):
                with suppress(OSError):  # what was not sent yet can't be
                    pipe.close()
            process.wait()

    def _ask(self, process: subprocess.Popen[bytes], work: PieceWork, piece: Piece) -> Batch | LandfallError:
        questions, answers = _pipes(process)
        try:
            if work is not self._told:
                send(work, questions)
            send(piece, questions)
            answer = receive(answers)
        except (OSError, EOFError, ValueError, UnpicklingError):  # ValueError: the pipe was closed
            raise ProcessLost from None
        self._told = work
        return cast("Batch | LandfallError", answer)

    def _running(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._closed:
                raise ProcessLost
            if self._process is None:
                try:
                    self._process = self._start()
                except OSError:
                    raise ProcessLost from None
            return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "services.normalizer.crew"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may show values
            cwd=_ROOT,
            start_new_session=True,  # what signals mean is for the employer to decide
            pipesize=_PIPE_BYTES,
        )


def _pipes(process: subprocess.Popen[bytes]) -> tuple[BufferedWriter, BufferedReader]:
    """For questions and for answers."""
    return cast("BufferedWriter", process.stdin), cast("BufferedReader", process.stdout)
