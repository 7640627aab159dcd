"""The keys that the decryptor may use."""

from __future__ import annotations

from dataclasses import dataclass

from services.decryptor.gpg.home import GpgHome
from services.decryptor.kms import KmsKeys


@dataclass(frozen=True, slots=True)
class Keyring:
    """Everything that formats may ask for; without ``pgp``, OpenPGP messages are refused."""

    kms: KmsKeys
    pgp: GpgHome | None = None
