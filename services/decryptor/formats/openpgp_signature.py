"""The check of a message's signature: gpg gets exactly the bytes that come out, in a literal packet."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack

from services.decryptor.formats.openpgp_content import LITERAL, Content
from services.decryptor.gpg.child import Outcome, Verification
from services.decryptor.gpg.home import GpgHome
from services.decryptor.streams import Chunk

_PART_BITS = 16

Transform = Callable[[bytes], bytes]


def verified(content: Content, home: GpgHome) -> Generator[Chunk, None, tuple[Outcome, ...]]:
    """The bytes of the file, unchanged; returns what gpg says of their signature, if there is one.

    A text signature is one of lines that end in CR LF (RFC 4880, section 5.2.4), whatever was sent. GnuPG
    signs the bytes as sent; Go's openpgp takes LF for a line end; Bouncy Castle takes CR for one, too. All
    three readings are tried, and one good outcome is enough: only line ends differ between them.
    """
    checks: list[_Check] = []
    with ExitStack() as closing:

        def begin() -> None:
            transforms = (None, line_feeds_as_crlf, line_ends_as_crlf) if content.signs_text else (None,)
            for transform in transforms:
                verification = closing.enter_context(Verification(home))
                checks.append(_Check(verification, content, transform))

        for chunk in content.chunks():
            if content.signatures_before and not checks:
                begin()
            for check in checks:
                check.feed(chunk)
            yield chunk
        if content.signatures_before and not checks:
            begin()
        return tuple(check.finish() for check in checks)


class _Check:
    """One run of gpg over the file and its signatures."""

    def __init__(self, verification: Verification, content: Content, transform: Transform | None) -> None:
        self._verification = verification
        self._content = content
        self._text = CanonicalText(transform) if transform else None
        # Only signatures of version 5 are also of the head, and gpg reads text mode byte by byte.
        self._held = b"b" + content.literal_head[1:] if transform else content.literal_head
        for signature in content.signatures_before:
            verification.write(signature)
        verification.write(bytes([0xC0 | LITERAL]))

    def feed(self, chunk: Chunk) -> None:
        """The next bytes of the file."""
        data = self._held + (self._text.feed(chunk) if self._text else chunk)
        whole = len(data) >> _PART_BITS << _PART_BITS
        view = memoryview(data)
        for at in range(0, whole, 1 << _PART_BITS):
            self._verification.write(bytes([224 | _PART_BITS]))
            self._verification.write(view[at : at + (1 << _PART_BITS)])
        self._held = data[whole:]

    def finish(self) -> Outcome:
        """What gpg says of the whole, signatures included."""
        last = self._held + (self._text.finish() if self._text else b"")
        self._verification.write(b"\xff" + len(last).to_bytes(4, "big") + last)
        for signature in self._content.signatures_behind:
            self._verification.write(signature)
        return self._verification.finish()


class CanonicalText:
    """Text with other line ends, piece by piece: no piece ends between the two bytes of CR LF."""

    def __init__(self, transform: Transform) -> None:
        self._transform = transform
        self._held = b""

    def feed(self, chunk: Chunk) -> bytes:
        """The next piece of the text."""
        text = self._held + chunk
        self._held = b"\r" if text.endswith(b"\r") else b""
        return self._transform(text[: len(text) - len(self._held)])

    def finish(self) -> bytes:
        """The last piece of the text."""
        return self._transform(self._held)


def line_feeds_as_crlf(text: bytes) -> bytes:
    """The text with CR LF for each LF that has no CR before it."""
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def line_ends_as_crlf(text: bytes) -> bytes:
    """The text with CR LF for each CR LF, CR and LF."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
