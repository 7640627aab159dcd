"""gpg processes that decrypt or verify a stream: each a child with pipes for its input, output and status."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from services.decryptor.gpg.home import GpgHome, program
from services.decryptor.streams import CHUNK_BYTES, Chunk, Chunks
from shared.stopping import stop_signal

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIPE_BYTES = 1 << 20
_MOST_STATUS_BYTES = 1 << 20
_GATHERING_SECONDS = 0.0005  # a pipe holds more than gpg writes meanwhile


@dataclass(frozen=True, slots=True)
class Outcome:
    """How gpg ended: its exit code, and its status lines without their prefix, split into words."""

    exit_code: int
    status: tuple[tuple[str, ...], ...]

    @property
    def words(self) -> frozenset[str]:
        """The first word of every status line."""
        return frozenset(line[0] for line in self.status if line)

    def lines(self, word: str) -> list[tuple[str, ...]]:
        """What follows ``word`` on each status line that begins with it."""
        return [line[1:] for line in self.status if line[:1] == (word,)]


class Decryption:
    """What gpg finds inside the encryption of ``message``: packets, unverified until the outcome was judged.

    An iterator; ``outcome`` is there once it has ended. An exception that ``message`` raises is raised here,
    after gpg has decrypted what it could of the rest.

    Raises:
        ConfigurationError: GnuPG is not installed.
    """

    def __init__(self, home: GpgHome, message: Chunks) -> None:
        self.outcome: Outcome | None = None
        self._chunks = self._run(home, message)

    def __iter__(self) -> Decryption:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """End gpg, wherever it is."""
        self._chunks.close()

    def _run(self, home: GpgHome, message: Chunks) -> Generator[bytes, None, None]:
        # --unwrap leaves the packets inside as they are. Their signatures are for Verification.
        with _status_pipe() as (reader, writer), ThreadPoolExecutor(2) as threads:
            process = _start(home, ["--skip-verify", "--unwrap", "--decrypt"], writer, subprocess.PIPE)
            sink = cast("IO[bytes]", process.stdin)
            packets = io.BufferedReader(_Gathered(cast("io.FileIO", process.stdout)), CHUNK_BYTES)
            try:
                writer.close()
                told = threads.submit(_read_status, reader)
                fed = threads.submit(_feed, sink, message)
                with stop_signal().ending(process.kill):
                    while chunk := packets.read(CHUNK_BYTES):
                        yield chunk
                    fed.result()
                    self.outcome = Outcome(process.wait(), told.result())
            finally:
                process.kill()
                process.wait()
                packets.close()


class Verification:
    """gpg while it verifies the signature of a message that is not encrypted. Use as a context."""

    def __init__(self, home: GpgHome) -> None:
        with ExitStack() as undo:
            reader, writer = undo.enter_context(_status_pipe())
            self._process = _start(home, ["--trust-model", "always", "--verify"], writer, subprocess.DEVNULL)
            writer.close()
            self._threads = ThreadPoolExecutor(1)
            self._status = self._threads.submit(_read_status, reader)
            undo.callback(self._threads.shutdown)
            undo.callback(self._process.wait)
            undo.callback(self._process.kill)
            undo.enter_context(stop_signal().ending(self._process.kill))
            self._closing = undo.pop_all()

    def __enter__(self) -> Verification:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            cast("IO[bytes]", self._process.stdin).close()
        self._closing.close()

    def write(self, data: Chunk) -> None:
        """Hand over the next bytes of the message."""
        with suppress(BrokenPipeError):  # gpg says in its status why it stopped reading
            _write(cast("IO[bytes]", self._process.stdin), data)

    def finish(self) -> Outcome:
        """What gpg says of the whole."""
        cast("IO[bytes]", self._process.stdin).close()
        return Outcome(self._process.wait(), self._status.result())


@contextmanager
def _status_pipe() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as status, os.fdopen(writer, "wb", buffering=0) as told:
        yield status, told


class _Gathered(io.RawIOBase):
    """What gpg writes, taken by the chunk.

    It writes a few kilobytes at a time. Taking each at once makes the two processes wake each other a hundred
    times a millisecond, which costs gpg a fifth of its speed and the reader two thirds.
    """

    def __init__(self, output: io.FileIO) -> None:
        super().__init__()
        self._output = output
        self._was_emptied = False

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """What is there, a moment after there was less than was asked for."""
        if self._was_emptied:
            time.sleep(_GATHERING_SECONDS)
        taken = self._output.readinto(buffer)
        self._was_emptied = taken is not None and taken < len(memoryview(buffer).cast("B"))
        return taken

    def close(self) -> None:
        """Close the pipe."""
        self._output.close()
        super().close()


def _start(home: GpgHome, command: list[str], status: IO[bytes], output: int) -> subprocess.Popen[bytes]:
    # Not --quiet: that takes NO_SECKEY and the like out of the status, too.
    # Nor an agent of its own making, which would know no passphrase.
    fixed = ["--batch", "--no-tty", "--no-options", "--no-autostart", "--pinentry-mode", "cancel"]
    offline = ["--disable-dirmngr", "--no-auto-key-retrieve"]
    descriptor = status.fileno()
    return subprocess.Popen(
        [program("gpg"), *fixed, *offline, "--status-fd", str(descriptor), *command],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        pipesize=_PIPE_BYTES,
        env=home.environment(),
    )


def _feed(sink: IO[bytes], message: Chunks) -> None:
    """Write the message. That gpg stops reading is no error here: it says why in its status."""
    with suppress(BrokenPipeError), sink:
        for chunk in message:
            _write(sink, chunk)


def _write(sink: IO[bytes], chunk: Chunk) -> None:
    view = memoryview(chunk)
    while view:
        view = view[sink.write(view) :]


def _read_status(status: IO[bytes]) -> tuple[tuple[str, ...], ...]:
    """All status lines; what exceeds a bound is read and dropped, so that gpg never waits for it."""
    text = bytearray()
    while data := status.read(1 << 16):
        text += data[: _MOST_STATUS_BYTES - len(text)]
    lines = text.decode("utf-8", "replace").splitlines()
    return tuple(tuple(line.split()[1:]) for line in lines if line.startswith("[GNUPG:] "))
