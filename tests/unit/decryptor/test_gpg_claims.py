"""Private keys do not outlive the process that unlocked them, even where nothing of it could clean up."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from landfall.waiting import wait_until
from services.decryptor.gpg.home import GpgHome, gpg_home
from tests.unit.decryptor.gpg_sender import NEEDS_GPG, Sender, sender

pytestmark = NEEDS_GPG

_UNLOCK = """
import sys
from services.decryptor.gpg.home import PrivateKey, gpg_home
with gpg_home([PrivateKey(sys.stdin.buffer.read())]) as home:
    print(home.folder, home.agent_socket, flush=True)
    __import__("signal").pause()
"""


@dataclass(frozen=True)
class Unlocked:
    """A process with a home of its own."""

    process: subprocess.Popen[bytes]
    home: GpgHome

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def key() -> Iterator[bytes]:
    with sender() as by:
        yield Sender(by.folder).secret("plain")


@contextmanager
def unlocked(key: bytes) -> Iterator[Unlocked]:
    command = [sys.executable, "-c", _UNLOCK]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(key)
        process.stdin.close()
        folder, agent = process.stdout.readline().decode().split()
        made = Unlocked(process, GpgHome(Path(folder), agent_socket=Path(agent)))
        try:
            yield made
        finally:
            made.kill()
            with gpg_home([]):
                pass


def test_keys_of_a_process_that_was_killed_go_with_their_agent_when_the_next_begins(key: bytes) -> None:
    with unlocked(key) as killed:
        killed.kill()
        assert killed.home.folder.exists()
        assert killed.home.has_agent()
        with gpg_home([]):
            assert not killed.home.folder.exists()
            wait_until(lambda: not killed.home.has_agent() or None, within=10)


def test_keys_of_a_process_that_lives_stay(key: bytes) -> None:
    with unlocked(key) as living, gpg_home([]):
        assert (living.home.folder / "private-keys-v1.d").is_dir()
        assert living.home.has_agent()


def test_the_keys_of_this_process_stay_when_it_opens_others() -> None:
    with gpg_home([]) as first, gpg_home([]) as second:
        assert first.folder.is_dir()
        assert second.folder.is_dir()
