"""PGP keys that are exchanged while the service runs, without hindering the files that are in work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from services.decryptor.gpg.home import GpgHome, gpg_home
from services.decryptor.gpg.key_secrets import KeySecret, private_key, read_secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FRESH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class KeyNames:
    """Which secrets hold the keys.

    ``private_keys`` are ours, several while one replaces another. With ``signers``, fingerprints of keys in
    the secrets ``signer_keys``, every message must be signed by one of them.
    """

    private_keys: tuple[str, ...]
    signer_keys: tuple[str, ...] = ()
    signers: frozenset[str] = frozenset()

    def every(self) -> tuple[str, ...]:
        """All secrets."""
        return (*self.private_keys, *self.signer_keys)


@dataclass(slots=True, eq=False)
class _Opened:
    """A home, of which versions of the secrets it was made, and how many files are using it."""

    home: GpgHome
    versions: Mapping[str, str]
    closing: ExitStack
    users: int = 0
    retired: bool = False

    def close_if_idle(self) -> None:
        if self.retired and not self.users:
            self.closing.close()


@dataclass(slots=True, eq=False)
class RotatingKeys:
    """The keys that Secrets Manager holds, asked anew at most every ``FRESH_SECONDS``. Use from any thread.

    When a secret has a new version, files that begin from then on use a new home; the old one vanishes when
    the last file that uses it ends. A home whose agent has died is replaced, too.
    """

    client: SecretsManagerClient
    names: KeyNames
    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _opened: _Opened | None = None
    _asked_at: float = 0.0

    @contextmanager
    def use(self) -> Iterator[GpgHome]:
        """The keys as they are now; they stay in place until the context ends.

        Raises:
            ConfigurationError: a secret or the key in it cannot be used, or GnuPG is not installed.
            TransientError: Secrets Manager cannot answer now.
        """
        with self._lock:
            opened = self._current()
            opened.users += 1
        try:
            yield opened.home
        finally:
            with self._lock:
                opened.users -= 1
                opened.close_if_idle()

    def check(self) -> None:
        """Raise what :meth:`use` would raise now."""
        with self.use():
            pass

    def close(self) -> None:
        """Let go of the keys: at once, or when the files that use them end."""
        with self._lock:
            self._retire()

    def _current(self) -> _Opened:
        if self._opened is not None and not self._opened.home.has_agent():
            self._retire()
        if self._opened is not None and self.clock() - self._asked_at < FRESH_SECONDS:
            return self._opened
        secrets = {name: read_secret(self.client, name) for name in self.names.every()}
        self._asked_at = self.clock()
        versions = {name: secret.version for name, secret in secrets.items()}
        if self._opened is None or self._opened.versions != versions:
            made = self._open(secrets, versions)
            self._retire()
            self._opened = made
        return self._opened

    def _open(self, secrets: Mapping[str, KeySecret], versions: Mapping[str, str]) -> _Opened:
        private_keys = [private_key(name, secrets[name]) for name in self.names.private_keys]
        signer_keys = [secrets[name].content for name in self.names.signer_keys]
        closing = ExitStack()
        home = closing.enter_context(gpg_home(private_keys, signer_keys, self.names.signers))
        return _Opened(home, versions, closing)

    def _retire(self) -> None:
        if self._opened is not None:
            self._opened.retired = True
            self._opened.close_if_idle()
            self._opened = None
