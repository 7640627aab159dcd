"""The keys that the decryptor may use."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from services.decryptor.gpg.home import GpgHome
from services.decryptor.kms import KmsKeys


class PgpKeys(Protocol):
    """OpenPGP keys that may be exchanged while files are in work."""

    def use(self) -> AbstractContextManager[GpgHome]:
        """The keys as they are now; they stay in place until the context ends."""
        ...


@dataclass(frozen=True, slots=True)
class Keyring:
    """Everything that formats may ask for; without ``pgp``, OpenPGP messages are refused."""

    kms: KmsKeys
    pgp: PgpKeys | None = None
