"""A sender with GnuPG: keys, and messages in all the forms that it makes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSPHRASE = "two words, ünlocked"
NEEDS_GPG = pytest.mark.skipif(shutil.which("gpg") is None, reason="GnuPG's gpg is not installed")

_RSA = "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048"
_CURVE = "Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519"


@dataclass(frozen=True)
class Sender:
    """A GnuPG home with the keys ``plain``, ``locked`` (by ``PASSPHRASE``), ``signer`` and ``stranger``."""

    folder: Path

    def gpg(self, *arguments: str, given: bytes = b"") -> bytes:
        fixed = ["--homedir", str(self.folder), "--batch", "--quiet", "--yes", "--pinentry-mode", "loopback"]
        command = ["gpg", *fixed, "--trust-model", "always", "--passphrase", PASSPHRASE, *arguments]
        return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout

    def make_key(self, name: str, kind: str, *, locked: bool = False) -> None:
        protection = f"Passphrase: {PASSPHRASE}" if locked else "%no-protection"
        self.gpg(
            "--gen-key",
            given=f"{kind}\nName-Real: {name}\nExpire-Date: 0\n{protection}\n%commit\n".encode(),
        )

    def secret(self, name: str, *options: str) -> bytes:
        return self.gpg(*options, "--export-secret-keys", name)

    def public(self, name: str) -> bytes:
        return self.gpg("--export", name)

    def fingerprint(self, name: str) -> str:
        listing = self.gpg("--with-colons", "--fingerprint", name).decode()
        return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))

    def encrypt(self, plaintext: bytes, *options: str, to: str = "plain") -> bytes:
        return self.gpg("--recipient", to, *options, "--encrypt", given=plaintext)

    def encrypt_packets(self, packets: bytes, *options: str, to: str = "plain") -> bytes:
        """Packets that another program has written, encrypted as they are."""
        return self.encrypt(packets, "--no-literal", "--compress-algo", "none", *options, to=to)

    def signature(self, plaintext: bytes, by: str = "signer", *options: str) -> bytes:
        """A signature packet; with ``--textmode`` over lines that end in CR LF."""
        return self.gpg("--local-user", by, *options, "--detach-sign", given=plaintext)

    def signed(self, plaintext: bytes, by: str = "signer", to: str = "plain") -> bytes:
        return self.encrypt(plaintext, "--local-user", by, "--sign", to=to)


@contextmanager
def sender() -> Iterator[Sender]:
    """A sender that vanishes, its agent with it."""
    with tempfile.TemporaryDirectory(prefix="gpg", ignore_cleanup_errors=True) as folder:
        made = Sender(Path(folder))
        (made.folder / "gpg-agent.conf").write_text("s2k-count 65536\n")
        # By itself gpg waits five seconds for one that it starts, which a busy machine may need.
        subprocess.run(["gpgconf", "--homedir", folder, "--launch", "gpg-agent"], check=True)
        made.make_key("plain", _RSA)
        made.make_key("locked", _CURVE, locked=True)
        made.make_key("signer", _CURVE)
        made.make_key("stranger", _CURVE)
        try:
            yield made
        finally:
            subprocess.run(["gpgconf", "--homedir", folder, "--kill", "gpg-agent"], check=True)
