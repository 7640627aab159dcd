"""OpenPGP messages as GnuPG makes them, good, damaged and forged."""

from __future__ import annotations

import gzip
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL
from typing import IO

import pytest

from landfall.cli import main
from landfall.encryption import encrypt_pgp
from landfall.errors import OperatorError
from services.decryptor.encryption_errors import (
    PgpInterrupted,
    PgpMalformed,
    PgpNoKey,
    PgpNotEncrypted,
    PgpNotProtected,
    PgpPassphraseWrong,
    PgpSignatureMissing,
    PgpSignatureRefused,
    PgpTampered,
    PgpTruncated,
    PgpUnsupported,
)
from services.decryptor.errors import TrailingBytes
from services.decryptor.gpg import child
from services.decryptor.gpg.home import GpgHome, PrivateKey, gpg_home
from services.decryptor.keyring import Keyring
from services.decryptor.limits import Limits
from services.decryptor.staging import MemoryStaging
from services.decryptor.unpack import unpack
from shared.errors import ConfigurationError, LandfallError
from shared.stopping import StopSignal, stopped_by
from tests.unit.decryptor.gpg_sender import NEEDS_GPG, PASSPHRASE, Sender, sender
from tests.unit.decryptor.landing import CSV, NO_KEYS, Landing, cut, escaped, flipped, unpacked, zipped

pytestmark = NEEDS_GPG
LONG = CSV * 60
EITHER_COAT = pytest.mark.parametrize("coat", [(), ("--armor",)], ids=["binary", "armored"])


@pytest.fixture(scope="module")
def by() -> Iterator[Sender]:
    """Who sends the files."""
    with sender() as made:
        yield made


@pytest.fixture(scope="module")
def home(by: Sender) -> Iterator[GpgHome]:
    """Our own keys: two of them, as while one replaces the other."""
    keys = [PrivateKey(by.secret("plain", "--armor")), PrivateKey(by.secret("locked"), PASSPHRASE)]
    with gpg_home(keys, [by.public("signer")]) as made:
        yield made


@pytest.fixture
def keys(home: GpgHome) -> Keyring:
    return replace(NO_KEYS, pgp=home)


@pytest.fixture
def strict(home: GpgHome, by: Sender) -> Keyring:
    """Keys with a required signer."""
    return replace(NO_KEYS, pgp=replace(home, signers=frozenset({by.fingerprint("signer")})))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="binary"),
        pytest.param(("--armor",), id="armored"),
        pytest.param(("--compress-algo", "none"), id="not compressed"),
        pytest.param(("--compress-algo", "bzip2"), id="compressed by bzip2"),
        pytest.param(("--hidden-recipient", "locked"), id="for another, hidden, too"),
        pytest.param(("--throw-keyids",), id="for whom it does not say"),
        pytest.param(("--rfc4880", "--cipher-algo", "AES128", "--force-mdc"), id="RFC 4880"),
    ],
)
def test_a_message_comes_out(options: tuple[str, ...], by: Sender, keys: Keyring) -> None:
    assert unpacked(Landing("Sent.csv.pgp", by.encrypt(LONG, *options)), keys) == {"Sent.csv": LONG}


def test_a_death_of_gpg_is_no_verdict_on_the_message(
    by: Sender, keys: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by the kernel where memory is short."""
    start = child._start

    def start_and_kill(
        home: GpgHome, command: list[str], status: IO[bytes], output: int
    ) -> subprocess.Popen[bytes]:
        process = start(home, command, status, output)
        process.kill()
        return process

    monkeypatch.setattr(child, "_start", start_and_kill)
    with pytest.raises(PgpInterrupted, match="signal 9"):
        unpacked(Landing("Sent.csv.pgp", by.encrypt(LONG)), keys)


def test_gpg_ends_with_the_file_that_is_given_up(
    by: Sender, home: GpgHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the rest of a message, which does not come."""
    message, signal = by.encrypt(LONG), StopSignal()
    waits, may_end = threading.Event(), threading.Event()
    started: list[subprocess.Popen[bytes]] = []
    start = child._start

    def start_and_note(
        home: GpgHome, command: list[str], status: IO[bytes], output: int
    ) -> subprocess.Popen[bytes]:
        started.append(start(home, command, status, output))
        return started[0]

    def stalled() -> Iterator[bytes]:
        yield message[:-100]
        waits.set()
        assert may_end.wait(10)

    def decrypt_it() -> None:
        stopped_by(signal)
        list(child.Decryption(home, stalled()))

    monkeypatch.setattr(child, "_start", start_and_note)
    working = threading.Thread(target=copy_context().run, args=(decrypt_it,))
    working.start()
    assert waits.wait(10)
    signal.set()
    assert started[0].wait(10) == -SIGKILL
    may_end.set()
    working.join(10)
    assert not working.is_alive()


@pytest.mark.parametrize("to", ["plain", "locked"])
def test_each_of_our_keys_serves(to: str, by: Sender, keys: Keyring) -> None:
    assert unpacked(Landing("Sent.csv.gpg", by.encrypt(CSV, to=to)), keys) == {"Sent.csv": CSV}


@pytest.mark.parametrize(
    ("inner", "name", "expected"),
    [
        (zipped({"Sent.csv": CSV, "Opens.csv": CSV}), "x.zip.pgp", {"Sent.csv": CSV, "Opens.csv": CSV}),
        (gzip.compress(CSV), "Sent.csv.gz.pgp", {"Sent.csv": CSV}),
    ],
    ids=["zip", "gzip"],
)
def test_what_is_inside_is_taken_off_too(
    inner: bytes, name: str, expected: dict[str, bytes], by: Sender, keys: Keyring
) -> None:
    assert unpacked(Landing(name, by.encrypt(inner)), keys) == expected


def test_messages_inside_a_zip_are_decrypted(by: Sender, keys: Keyring) -> None:
    archive = zipped({"Sent.csv.pgp": by.encrypt(CSV), "Opens.csv.asc": by.encrypt(CSV, "--armor")})
    assert unpacked(Landing("x.zip", archive), keys) == {"Sent.csv": CSV, "Opens.csv": CSV}


def test_a_signed_message_comes_out_unasked(by: Sender, keys: Keyring) -> None:
    assert unpacked(Landing("Sent.csv", by.signed(CSV, by="stranger")), keys) == {"Sent.csv": CSV}


def test_a_required_signer_is_recognised(by: Sender, strict: Keyring) -> None:
    assert unpacked(Landing("Sent.csv", by.signed(LONG)), strict) == {"Sent.csv": LONG}


def test_a_message_without_the_required_signature_is_refused(by: Sender, strict: Keyring) -> None:
    with pytest.raises(PgpSignatureMissing):
        unpacked(Landing("Sent.csv", by.encrypt(CSV)), strict)


@pytest.mark.parametrize("signer", ["stranger", "plain"], ids=["an unknown key", "a known key"])
def test_a_signature_by_another_is_refused(signer: str, by: Sender, strict: Keyring) -> None:
    with pytest.raises(PgpSignatureRefused):
        unpacked(Landing("Sent.csv", by.signed(CSV, by=signer)), strict)


def test_a_message_for_others_is_refused(by: Sender, keys: Keyring) -> None:
    with pytest.raises(PgpNoKey):
        unpacked(Landing("Sent.csv", by.encrypt(CSV, to="stranger")), keys)


def test_without_private_keys_every_message_is_refused(by: Sender) -> None:
    with pytest.raises(PgpNoKey):
        unpacked(Landing("Sent.csv", by.encrypt(CSV)), NO_KEYS)


@pytest.mark.parametrize("passphrase", ["", "another"])
def test_a_wrong_passphrase_is_told_apart(passphrase: str, by: Sender) -> None:
    with (
        gpg_home([PrivateKey(by.secret("locked"), passphrase)]) as locked,
        pytest.raises(PgpPassphraseWrong),
    ):
        unpacked(Landing("Sent.csv", by.encrypt(CSV, to="locked")), replace(NO_KEYS, pgp=locked))


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"])
def test_a_private_key_that_is_none_is_a_matter_of_configuration(content: bytes) -> None:
    with pytest.raises(ConfigurationError), gpg_home([PrivateKey(content)]):
        pytest.fail("a home without a key was made")


def test_a_public_key_does_not_pass_for_a_private_one(by: Sender) -> None:
    with pytest.raises(ConfigurationError), gpg_home([PrivateKey(by.public("plain"))]):
        pytest.fail("a home without a private key was made")


def test_a_home_vanishes(by: Sender) -> None:
    with gpg_home([PrivateKey(by.secret("plain"))]) as made:
        assert list(made.folder.glob("private-keys-v1.d/*.key"))
    assert not made.folder.exists()


def test_keys_and_passphrases_are_not_shown() -> None:
    assert "secret" not in repr(PrivateKey(b"secret", "secret"))


@EITHER_COAT
@pytest.mark.parametrize("cipher", ["CAST5", "AES256"])
def test_a_message_without_integrity_protection_is_refused(
    cipher: str, coat: tuple[str, ...], by: Sender, keys: Keyring
) -> None:
    encrypted = by.encrypt(CSV, *coat, "--rfc2440", "--cipher-algo", cipher, "--disable-mdc")
    with pytest.raises(PgpNotProtected):
        unpacked(Landing("Sent.csv", encrypted), keys)


@EITHER_COAT
def test_a_message_under_a_passphrase_is_refused(coat: tuple[str, ...], by: Sender, keys: Keyring) -> None:
    with pytest.raises(PgpUnsupported):
        unpacked(Landing("Sent.csv", by.gpg(*coat, "--symmetric", given=CSV)), keys)


def test_hidden_recipients_that_gpg_cannot_tell_from_damage_are_not_called_damage(
    by: Sender, keys: Keyring
) -> None:
    encrypted = by.gpg("-R", "stranger", "-R", "locked", "--encrypt", given=CSV)
    with suppress(PgpUnsupported):  # GnuPG 2.4 can tell
        assert unpacked(Landing("Sent.csv", encrypted), keys) == {"Sent.csv": CSV}


def test_an_armored_message_that_is_only_signed_is_refused(by: Sender, keys: Keyring) -> None:
    signed = by.gpg("--armor", "--local-user", "signer", "--sign", given=CSV)
    with pytest.raises(PgpNotEncrypted):
        unpacked(Landing("Sent.csv", signed), keys)


def test_armor_around_something_else_is_refused(keys: Keyring) -> None:
    armored = b"-----BEGIN PGP MESSAGE-----\n\nbm90aGluZw==\n-----END PGP MESSAGE-----\n"
    with pytest.raises(PgpMalformed):
        unpacked(Landing("Sent.csv", armored), keys)


@pytest.mark.parametrize("tail", [b"x", b"a,b\n1,2\n", bytes(100)])
@EITHER_COAT
def test_bytes_behind_the_message_are_refused(
    coat: tuple[str, ...], tail: bytes, by: Sender, keys: Keyring
) -> None:
    with pytest.raises(TrailingBytes):
        unpacked(Landing("Sent.csv", by.encrypt(CSV, *coat) + tail), keys)


@EITHER_COAT
def test_two_messages_one_after_another_are_refused(coat: tuple[str, ...], by: Sender, keys: Keyring) -> None:
    with pytest.raises(TrailingBytes):
        unpacked(Landing("Sent.csv", by.encrypt(CSV, *coat) * 2), keys)


@pytest.mark.parametrize("length", [100, 400, 3000, -1])
def test_a_cut_message_is_truncated(length: int, by: Sender, keys: Keyring) -> None:
    with pytest.raises(PgpTruncated):
        unpacked(Landing("Sent.csv", by.encrypt(LONG)[:length]), keys)


@pytest.mark.parametrize("length", [100, 3000, -2, -10])
def test_a_cut_armored_message_is_truncated(length: int, by: Sender, keys: Keyring) -> None:
    with pytest.raises(PgpTruncated):
        unpacked(Landing("Sent.csv", by.encrypt(LONG, "--armor")[:length]), keys)


def test_a_changed_last_byte_is_tampering(by: Sender, keys: Keyring) -> None:
    encrypted = by.encrypt(LONG, "--compress-algo", "none")
    with pytest.raises(PgpTampered):
        unpacked(Landing("Sent.csv", encrypted[:-1] + bytes([encrypted[-1] ^ 1])), keys)


@pytest.mark.parametrize("options", [(), ("--compress-algo", "none")], ids=["compressed", "not compressed"])
def test_no_flipped_bit_goes_unseen(options: tuple[str, ...], by: Sender, keys: Keyring) -> None:
    encrypted = by.encrypt(CSV[:300], *options)
    assert escaped(some(flipped(encrypted)), "Sent.csv", keys) == []


def test_no_flipped_bit_of_an_armored_message_changes_what_comes_out(by: Sender, keys: Keyring) -> None:
    encrypted, unchanged = by.encrypt(CSV[:300], "--armor"), {"Sent.csv": CSV[:300]}
    assert escaped(some(flipped(encrypted)), "Sent.csv", keys, harmless=unchanged) == []


def test_no_flipped_bit_of_a_signed_message_goes_unseen(by: Sender, strict: Keyring) -> None:
    assert escaped(some(flipped(by.signed(CSV[:300]))), "Sent.csv", strict) == []


def test_no_cut_message_comes_out(by: Sender, keys: Keyring) -> None:
    assert escaped(some(cut(by.encrypt(CSV[:300]))), "Sent.csv", keys) == []


def some(variants: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Every ninth: a process each."""
    yield from (each for number, each in enumerate(variants) if number % 9 == 0)


@EITHER_COAT
def test_what_the_command_line_encrypts_comes_out(
    coat: tuple[str, ...], by: Sender, keys: Keyring, tmp_path: Path
) -> None:
    (tmp_path / "plain").write_bytes(b"skipped" + CSV)
    with (tmp_path / "plain").open("rb") as source, (tmp_path / "encrypted").open("wb") as sink:
        source.read(len("skipped"))
        encrypt_pgp(source, sink, by.public("plain"), armor=bool(coat))
    assert unpacked(Landing("Sent.csv", (tmp_path / "encrypted").read_bytes()), keys) == {"Sent.csv": CSV}


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w+b") as file, pytest.raises(OperatorError):
        encrypt_pgp(file, file, b"no key")


def test_the_command_takes_keys_from_files(
    by: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key.asc").write_bytes(by.secret("locked", "--armor"))
    (tmp_path / "signer.asc").write_bytes(by.public("signer"))
    (tmp_path / "Sent.csv.pgp").write_bytes(by.signed(CSV, to="locked"))
    monkeypatch.setenv("LANDFALL_PGP_PASSPHRASE", PASSPHRASE)
    keys = ["--pgp-key", str(tmp_path / "key.asc"), "--pgp-signer-key", str(tmp_path / "signer.asc")]
    command = ["decrypt", str(tmp_path / "Sent.csv.pgp"), "--out", str(tmp_path / "out"), *keys]
    assert main([*command, "--pgp-signer", by.fingerprint("signer")]) == 0
    assert (tmp_path / "out" / "Sent.csv").read_bytes() == CSV
    assert main([*command, "--pgp-signer", by.fingerprint("plain")]) == 1


def test_an_error_of_the_source_is_not_taken_for_gpg_s(by: Sender, keys: Keyring) -> None:
    """A message in a damaged gzip: what gpg sees is cut, but the reason is the gzip."""
    packed = bytearray(gzip.compress(by.encrypt(LONG)))
    packed[-1] ^= 1
    with pytest.raises(LandfallError, match="gzip"):
        unpacked(Landing("Sent.csv.pgp.gz", bytes(packed)), keys)


def test_gpg_ends_when_unpacking_is_given_up(by: Sender, keys: Keyring) -> None:
    encrypted = by.encrypt(LONG * 30, "--compress-algo", "none")
    members = unpack(Landing("Sent.csv", encrypted), keys, Limits(), MemoryStaging())
    before = set(threading.enumerate())
    next(members)
    feeding = set(threading.enumerate()) - before
    members.close()
    assert feeding
    assert feeding.isdisjoint(threading.enumerate())  # the one that reads gpg's status ends when gpg does
