"""OpenPGP messages as Go, Bouncy Castle and other programs pack them, through gpg and back."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from services.decryptor.encryption_errors import (
    PgpMalformed,
    PgpSessionKeyRefused,
    PgpSignatureMissing,
    PgpSignatureRefused,
    PgpSignatureUnsupported,
    PgpTampered,
    PgpTruncated,
)
from services.decryptor.gpg.home import GpgHome, PrivateKey, gpg_home
from services.decryptor.keyring import Keyring
from tests.unit.decryptor.gpg_sender import NEEDS_GPG, Sender, sender
from tests.unit.decryptor.landing import CSV, NO_KEYS, Landing, unpacked, zipped
from tests.unit.decryptor.openpgp_writer import (
    LITERAL,
    ONE_PASS,
    SIGNATURE,
    armored,
    compressed,
    literal,
    literal_body,
    one_pass,
    packet,
    partial_packet,
)

pytestmark = NEEDS_GPG
ROWS = "Name,City\r\nZoë,Malmö\r\nčeš,Praha\r\n"
TEXTS = {
    "CR LF": CSV,
    "LF": CSV.replace(b"\r\n", b"\n"),
    "CR": CSV.replace(b"\r\n", b"\r"),
    "CR CR LF": CSV.replace(b"\r\n", b"\r\r\n"),
    "UTF-16": ROWS.encode("utf-16"),
    "UTF-16, LF": b"\xff\xfe" + ROWS.replace("\r", "").encode("utf-16-le"),
    "UTF-16 BE": b"\xfe\xff" + ROWS.encode("utf-16-be"),
    "over a part's end": b"Name,City\r" * (1 << 15),
}
EVERY_TEXT = pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))


@pytest.fixture(scope="module")
def by() -> Iterator[Sender]:
    """Who sends the files."""
    with sender() as made:
        yield made


@pytest.fixture(scope="module")
def home(by: Sender) -> Iterator[GpgHome]:
    with gpg_home([PrivateKey(by.secret("plain"))], [by.public("signer")]) as made:
        yield made


@pytest.fixture
def keys(home: GpgHome) -> Keyring:
    return replace(NO_KEYS, pgp=home)


@pytest.fixture
def strict(home: GpgHome, by: Sender) -> Keyring:
    """Keys with a required signer."""
    return replace(NO_KEYS, pgp=replace(home, signers=frozenset({by.fingerprint("signer")})))


def came_out(message: bytes, keys: Keyring) -> bytes:
    (content,) = unpacked(Landing("Sent.csv.pgp", message), keys).values()
    return content


def signed(text: bytes, signature: bytes, mode: bytes = b"t") -> bytes:
    return one_pass(signature) + literal(text, mode) + signature


@EVERY_TEXT
@pytest.mark.parametrize("mode", [b"b", b"t", b"u", b"l", b"1", b"m"])
def test_every_byte_comes_out_in_every_mode(mode: bytes, text: bytes, by: Sender, keys: Keyring) -> None:
    assert came_out(by.encrypt_packets(literal(text, mode)), keys) == text


def test_what_gpg_makes_in_text_mode_comes_out(by: Sender, keys: Keyring) -> None:
    """It ends lines in CR LF."""
    sent = by.encrypt(CSV.replace(b"\r\n", b"\n"), "--textmode")
    assert came_out(sent, keys) == CSV


@pytest.mark.parametrize("coat", [bytes, armored], ids=["binary", "armored"])
@pytest.mark.parametrize("pack", [bytes, compressed], ids=["not compressed", "compressed"])
@pytest.mark.parametrize(
    ("inner", "name", "expected"),
    [
        (zipped({"Sent.csv": CSV, "Opens.csv": CSV}), "x.zip.pgp", {"Sent.csv": CSV, "Opens.csv": CSV}),
        (gzip.compress(CSV), "Sent.csv.gz.pgp", {"Sent.csv": CSV}),
    ],
    ids=["zip", "gzip"],
)
def test_archives_in_text_mode_are_taken_off(
    inner: bytes,
    name: str,
    expected: dict[str, bytes],
    pack: Callable[[bytes], bytes],
    coat: Callable[[bytes], bytes],
    by: Sender,
    keys: Keyring,
) -> None:
    message = coat(by.encrypt_packets(pack(literal(inner, b"t"))))
    assert unpacked(Landing(name, message), keys) == expected


def test_parts_of_a_few_bytes_come_out(by: Sender, keys: Keyring) -> None:
    """As Go's openpgp writes them: each write is cut into powers of two."""
    bits = [9, *([5, 3, 2, 0] * 5000)]
    packets = partial_packet(LITERAL, literal_body(CSV * 4, b"t"), bits)
    assert came_out(by.encrypt_packets(packets), keys) == CSV * 4


@EVERY_TEXT
@pytest.mark.parametrize("mode", [b"b", b"t"])
def test_a_signature_of_the_required_signer_holds(
    mode: bytes, text: bytes, by: Sender, strict: Keyring
) -> None:
    packets = signed(text, by.signature(text), mode)
    assert came_out(by.encrypt_packets(packets), strict) == text
    assert came_out(by.encrypt_packets(compressed(packets)), strict) == text


@pytest.mark.parametrize("mode", [b"b", b"t"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\r"])
def test_a_signature_of_text_with_other_line_ends_holds(
    line_end: bytes, mode: bytes, by: Sender, strict: Keyring
) -> None:
    text = (CSV * 20).replace(b"\r\n", line_end)
    packets = signed(text, by.signature(CSV * 20, "signer", "--textmode"), mode)
    assert came_out(by.encrypt_packets(packets), strict) == text


def test_a_text_signature_of_the_bytes_as_sent_holds(by: Sender, strict: Keyring) -> None:
    """Type 0x01 over lines that end in LF, as some programs make it."""
    sent = by.gpg("--local-user", "signer", "--textmode", "--sign", "--compress-algo", "none", given=CSV)
    assert came_out(by.encrypt_packets(sent), strict) == CSV


@pytest.mark.parametrize("options", [(), ("--textmode",)], ids=["of bytes", "of text"])
@pytest.mark.parametrize("signer", ["stranger", "plain"])
def test_a_signature_by_another_is_refused_in_text_mode(
    signer: str, options: tuple[str, ...], by: Sender, strict: Keyring
) -> None:
    packets = signed(CSV, by.signature(CSV, signer, *options))
    with pytest.raises(PgpSignatureRefused):
        came_out(by.encrypt_packets(packets), strict)


CHANGED = [CSV + b"x", CSV[:-3], CSV.replace(b"ada1@", b"eve1@"), CSV + b"\r\n", b""]
OTHER_LINE_ENDS = [CSV.replace(b"\r\n", b"\r"), CSV.replace(b"\r\n", b"\n")]


@pytest.mark.parametrize(
    ("changed", "options"),
    [
        *((changed, ()) for changed in (*CHANGED, *OTHER_LINE_ENDS)),
        *((changed, ("--textmode",)) for changed in CHANGED),
    ],
)
def test_a_signature_of_other_content_is_refused(
    changed: bytes, options: tuple[str, ...], by: Sender, strict: Keyring
) -> None:
    packets = signed(changed, by.signature(CSV, "signer", *options))
    with pytest.raises(PgpSignatureRefused):
        came_out(by.encrypt_packets(packets), strict)


def test_one_of_two_signatures_that_is_wrong_is_refused(by: Sender, strict: Keyring) -> None:
    good, wrong = by.signature(CSV), by.signature(CSV + b"x")
    packets = one_pass(wrong) + one_pass(good) + literal(CSV) + good + wrong
    with pytest.raises(PgpSignatureRefused):
        came_out(by.encrypt_packets(packets), strict)


def test_a_signature_of_another_file_beside_the_message_is_no_signature(by: Sender, strict: Keyring) -> None:
    with pytest.raises(PgpSignatureMissing):
        came_out(by.encrypt_packets(literal(CSV) + by.signature(CSV)), strict)


def test_a_signature_in_a_newer_form_is_skipped_unless_required(
    by: Sender, keys: Keyring, strict: Keyring
) -> None:
    before, behind = b"\x06\x00\x0a\x1b" + bytes(67), b"\x06\x00\x1b\x0a" + bytes(99)
    packets = packet(ONE_PASS, before) + literal(CSV) + packet(SIGNATURE, behind)
    message = by.encrypt_packets(packets)
    assert came_out(message, keys) == CSV
    with pytest.raises(PgpSignatureUnsupported):
        came_out(message, strict)


@pytest.mark.parametrize(
    "packets", [literal(CSV)[:-1], literal(CSV) + b"x", packet(13, b"x")], ids=["cut", "longer", "no file"]
)
def test_a_fault_of_the_packets_is_not_called_tampering(packets: bytes, by: Sender, keys: Keyring) -> None:
    with pytest.raises(PgpMalformed):
        came_out(by.encrypt_packets(packets), keys)


@pytest.mark.parametrize("mode", [b"b", b"t"])
def test_damage_is_reported_before_its_effect_on_the_packets(mode: bytes, by: Sender, keys: Keyring) -> None:
    message = bytearray(by.encrypt_packets(compressed(literal(CSV * 99, mode))))
    message[-5000] ^= 1
    with pytest.raises(PgpTampered):
        came_out(bytes(message), keys)


def test_a_cut_is_reported_before_its_effect_on_the_packets(by: Sender, keys: Keyring) -> None:
    with pytest.raises(PgpTruncated):
        came_out(by.encrypt_packets(compressed(literal(CSV * 99)))[:-5000], keys)


def test_a_damaged_key_packet_is_not_called_tampering(by: Sender, keys: Keyring) -> None:
    message = bytearray(by.encrypt(CSV))
    message[100] ^= 1
    with pytest.raises(PgpSessionKeyRefused):
        came_out(bytes(message), keys)


@pytest.mark.parametrize("before", ["", "\ufeff", "For Landfall\r\n\r\n"], ids=["", "mark", "a line"])
@pytest.mark.parametrize("blank", [b"\n", b""], ids=["", "no blank line"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_armor_as_it_arrives_is_decrypted(
    encoding: str, blank: bytes, before: str, by: Sender, keys: Keyring
) -> None:
    text = before + armored(by.encrypt(CSV), headers=b"", blank=blank).decode()
    assert came_out(text.encode(encoding), keys) == CSV
