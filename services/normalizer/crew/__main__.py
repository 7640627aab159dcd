"""A process of the crew: works on pieces of files for the one that started it, until that ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import BufferedReader
from typing import BinaryIO

from services.normalizer.batches import Batch
from services.normalizer.crew.messages import receive, send
from services.normalizer.csvfile.pieces import Piece
from services.normalizer.piecework import PieceWork
from shared.errors import LandfallError


def main() -> None:
    """Take what is to be done, then pieces, and answer each. Any other error than ours ends the process."""
    questions = os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing else may stand between the answers
    with suppress(EOFError, BrokenPipeError):  # the employer has ended
        work: PieceWork | None = None
        while True:
            work = _next(work, questions, answers)


def _next(work: PieceWork | None, questions: BufferedReader, answers: BinaryIO) -> PieceWork:
    """Take what is to be done from now on, or do it with one piece."""
    question = receive(questions)
    match (question, work):
        case (PieceWork() as told, _):
            return told
        case (Piece() as piece, PieceWork() as work):
            send(_answer(work, piece), answers)
            return work
        case _:
            raise TypeError("neither work nor a piece of it")


def _answer(work: PieceWork, piece: Piece) -> Batch | LandfallError:
    try:
        return work(piece)
    except LandfallError as error:
        return error


if __name__ == "__main__":
    main()
