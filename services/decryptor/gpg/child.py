"""One gpg process that decrypts a stream: fed by a thread, read by whoever wants the plaintext."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from services.decryptor.gpg.home import GpgHome, program
from services.decryptor.streams import CHUNK_BYTES, Chunks
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


def decrypt(home: GpgHome, message: Chunks) -> Generator[bytes, None, Outcome]:
    """The plaintext that gpg makes of ``message``, unverified until the returned outcome was judged.

    An exception that ``message`` raises is raised here, once gpg has made of the rest what it could.

    Raises:
        ConfigurationError: GnuPG is not installed.
    """
    status_reader, status_writer = os.pipe()
    with ThreadPoolExecutor(2) as threads:
        try:
            process = _start(home, status_writer)
        except BaseException:
            os.close(status_reader)
            raise
        finally:
            os.close(status_writer)
        sink = cast("IO[bytes]", process.stdin)
        plaintext = io.BufferedReader(_Gathered(cast("io.FileIO", process.stdout)), CHUNK_BYTES)
        try:
            fed = threads.submit(_feed, sink, message)
            told = threads.submit(_read_status, status_reader)
            with stop_signal().ending(process.kill):
                while chunk := plaintext.read(CHUNK_BYTES):
                    yield chunk
                fed.result()
                return Outcome(process.wait(), told.result())
        finally:
            process.kill()
            process.wait()
            plaintext.close()


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


def _start(home: GpgHome, status: int) -> subprocess.Popen[bytes]:
    checking = ["--trust-model", "always"] if home.signers else ["--skip-verify"]
    # Not --quiet: that takes NO_SECKEY and the like out of the status, too.
    # Nor an agent of its own making, which would know no passphrase.
    fixed = ["--batch", "--no-tty", "--no-options", "--no-autostart", "--pinentry-mode", "cancel"]
    offline = ["--disable-dirmngr", "--no-auto-key-retrieve"]
    return subprocess.Popen(
        [program("gpg"), *fixed, *offline, *checking, "--status-fd", str(status), "--decrypt"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(status,),
        pipesize=_PIPE_BYTES,
        env=home.environment(),
    )


def _feed(sink: IO[bytes], message: Chunks) -> None:
    """Write the message. That gpg stops reading is no error here: it says why in its status."""
    with suppress(BrokenPipeError), sink:
        for chunk in message:
            view = memoryview(chunk)
            while view:
                view = view[sink.write(view) :]


def _read_status(descriptor: int) -> tuple[tuple[str, ...], ...]:
    """All status lines; what exceeds a bound is read and dropped, so that gpg never waits for it."""
    text = bytearray()
    with open(descriptor, "rb", buffering=0) as status:
        while data := status.read(1 << 16):
            text += data[: _MOST_STATUS_BYTES - len(text)]
    lines = text.decode("utf-8", "replace").splitlines()
    return tuple(tuple(line.split()[1:]) for line in lines if line.startswith("[GNUPG:] "))
