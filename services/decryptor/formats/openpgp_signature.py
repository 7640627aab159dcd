"""The check of a message's signature: gpg gets exactly the bytes that come out, in a literal packet."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import ExitStack

from services.decryptor.formats.openpgp_content import LITERAL, Content
from services.decryptor.gpg.child import Outcome, Verification
from services.decryptor.gpg.home import GpgHome
from services.decryptor.streams import Chunk

_PART_BITS = 16
_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


def verified(content: Content, home: GpgHome) -> Generator[Chunk, None, tuple[Outcome, ...]]:
    """The bytes of the file, unchanged; returns what gpg says of their signature, if there is one.

    A text signature is one of lines that end in CR LF (RFC 4880, section 5.2.4). Some writers sign such lines
    and send others, some sign what they send: both are tried, and one outcome is enough.
    """
    checks: list[_Check] = []
    with ExitStack() as closing:

        def begin() -> None:
            for canonical in (False, True) if content.signs_text else (False,):
                verification = closing.enter_context(Verification(home))
                checks.append(_Check(verification, content, canonical))

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

    def __init__(self, verification: Verification, content: Content, canonical: bool) -> None:
        self._verification = verification
        self._content = content
        self._text = _CanonicalText() if canonical else None
        self._held = content.literal_head
        for signature in content.signatures_before:
            verification.write(signature)
        verification.write(bytes([0xC0 | LITERAL]))

    def feed(self, chunk: Chunk) -> None:
        """The next bytes of the file."""
        data = self._held + (self._text.feed(chunk) if self._text else chunk)
        whole = len(data) >> _PART_BITS << _PART_BITS
        for at in range(0, whole, 1 << _PART_BITS):
            self._verification.write(bytes([224 | _PART_BITS]) + data[at : at + (1 << _PART_BITS)])
        self._held = data[whole:]

    def finish(self) -> Outcome:
        """What gpg says of the whole, signatures included."""
        self._verification.write(b"\xff" + len(self._held).to_bytes(4, "big") + self._held)
        for signature in self._content.signatures_behind:
            self._verification.write(signature)
        return self._verification.finish()


class _CanonicalText:
    """Text with CR LF for each LF that has no CR before it."""

    def __init__(self) -> None:
        self._ends_in_cr = False

    def feed(self, chunk: Chunk) -> bytes:
        """The next piece of the text."""
        before = b"\r" if self._ends_in_cr else b""
        text = before + chunk
        self._ends_in_cr = text.endswith(b"\r")
        return _BARE_LINE_FEED.sub(b"\r\n", text)[len(before) :]
