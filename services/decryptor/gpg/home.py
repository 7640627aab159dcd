"""A GnuPG home that lives as long as the service: private keys in memory-backed storage, unlocked once."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from services.decryptor.encryption_errors import PgpSecretUnusable
from services.decryptor.gpg.claims import abandoned, claimed
from shared.errors import ConfigurationError

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder made there has a random name and nobody else's access
_FOREVER = 34_560_000  # seconds: the longest the agent accepts, 400 days
# The agent protects keys anew when it first uses them. Slowly derived keys would gain nothing: it holds their
# passphrases itself, in this very process's reach.
_AGENT_OPTIONS = f"""s2k-count 65536
allow-preset-passphrase
default-cache-ttl {_FOREVER}
max-cache-ttl {_FOREVER}
disable-scdaemon
"""
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A secret key as GnuPG exports it, armored or not, and the passphrase that protects it, if any."""

    content: bytes = field(repr=False)
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class GpgHome:
    """Keys that messages may be for, and who must have signed them.

    Without ``signers`` signatures are not looked at; with them, one by any of these keys is required. They
    are full fingerprints in upper-case hex, of primary keys or of signing subkeys.
    """

    folder: Path
    signers: frozenset[str] = frozenset()
    agent_socket: Path | None = None

    def use(self) -> AbstractContextManager[GpgHome]:
        """Itself: this home stays as it is for as long as it lives."""
        return nullcontext(self)

    def has_agent(self) -> bool:
        """Whether the agent that was unlocked still runs: a new one would know no passphrase."""
        if self.agent_socket is None:
            return False
        with socket.socket(socket.AF_UNIX) as asking:
            return asking.connect_ex(str(self.agent_socket)) == 0

    def environment(self) -> dict[str, str]:
        """The environment of every GnuPG process that works with this home."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "GNUPGHOME": str(self.folder)}


@contextmanager
def gpg_home(
    private_keys: Sequence[PrivateKey],
    signer_keys: Sequence[bytes] = (),
    signers: frozenset[str] = frozenset(),
) -> Iterator[GpgHome]:
    """A home with these keys; it and its agent are gone afterwards.

    First those go that a process which was killed has left: its agent would hold our keys for good.

    Raises:
        PgpSecretUnusable: a key cannot be imported.
        ConfigurationError: GnuPG is not installed.
    """
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in abandoned(parent):
        _remove(GpgHome(left))
    home = GpgHome(Path(tempfile.mkdtemp(prefix="gpg-", dir=parent)), frozenset(map(_normal, signers)))
    with _removed_afterwards(home), claimed(home.folder):
        found = _run(home, "gpgconf", ["--list-dirs", "agent-socket"]).decode().strip()
        home = replace(home, agent_socket=Path(unquote(found)))
        (home.folder / "gpg-agent.conf").write_text(_AGENT_OPTIONS)
        for key in private_keys:
            _unlock(home, _import(home, key.content, secret=True), key.passphrase)
        for public in signer_keys:
            _import(home, public, secret=False)
        yield home


@contextmanager
def _removed_afterwards(home: GpgHome) -> Iterator[None]:
    try:
        yield
    finally:
        _remove(home)


def _remove(home: GpgHome) -> None:
    with suppress(ConfigurationError):  # without GnuPG there is no agent, but still a folder
        _run(home, "gpgconf", ["--kill", "gpg-agent"])
    shutil.rmtree(home.folder, ignore_errors=True)  # the agent removes its sockets at the same time


def _normal(fingerprint: str) -> str:
    return fingerprint.replace(" ", "").upper()


def _import(home: GpgHome, content: bytes, *, secret: bool) -> list[str]:
    """Import keys and give their fingerprints."""
    arguments = ["--batch", "--no-tty", "--quiet", "--status-fd", "1", "--import"]
    status = _run(home, "gpg", arguments, content).split(b"\n")
    words = [line.decode("ascii", "replace").split() for line in status]
    imported = [line for line in words if line[1:2] == ["IMPORT_OK"]]
    # Bit 16 of the reason says that a secret key is among what was read.
    if secret:
        imported = [line for line in imported if int(line[2]) & 16]
    if not imported:
        raise PgpSecretUnusable(f"a PGP {'private' if secret else 'signer'} key cannot be imported")
    return [line[3] for line in imported]


def _unlock(home: GpgHome, fingerprints: list[str], passphrase: str) -> None:
    """Give the agent the passphrase of each key and subkey: on its standard input, where nobody sees it."""
    if not passphrase:
        return
    arguments = ["--batch", "--with-colons", "--with-keygrip", "--list-secret-keys", *fingerprints]
    listing = _run(home, "gpg", arguments)
    lines = [line.split(":") for line in listing.decode("utf-8", "replace").splitlines()]
    grips = [fields[9] for fields in lines if fields[0] == "grp"]
    presets = "".join(f"PRESET_PASSPHRASE {grip} -1 {passphrase.encode().hex()}\n" for grip in grips)
    _run(home, "gpg-connect-agent", ["--quiet"], presets.encode())


def program(name: str) -> str:
    """Where a program of GnuPG is.

    Raises:
        ConfigurationError: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise ConfigurationError(f"the program {name} of GnuPG is not installed")
    return found


def _run(home: GpgHome, name: str, arguments: list[str], given: bytes = b"") -> bytes:
    try:
        return subprocess.run(
            [program(name), *arguments],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=home.environment(),
            timeout=_TIMEOUT_SECONDS,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"the program {name} of GnuPG does not end") from None
