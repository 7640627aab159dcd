"""E-mail addresses, as each standard writes them before hashing.

The standards say how to rewrite an address and little about which are addresses. What counts as one here,
after the rewriting: exactly one ``@``; something before it; after it labels with a dot between them, none
empty; no white space, control or invisible character, nor any of ``()<>[],;:\\"``, which only quoted or
several addresses hold; at most 254 bytes of UTF-8 (RFC 5321). Whether the mailbox exists is nobody's
business here.
"""

from __future__ import annotations

import re

from services.normalizer.matchkeys.text import present, without_accents
from services.normalizer.matchkeys.version1.text import lowered

_ADDRESS = re.compile(r"""[^@\s()<>\[\],;:\\"]+@[^@\s()<>\[\],;:\\".]+(?:\.[^@\s()<>\[\],;:\\".]+)+""")
# UID2 asks for one @ and something on either side of it, no dot.
_UID2_ADDRESS = re.compile(r"""[^@\s()<>\[\],;:\\"]+@[^@\s()<>\[\],;:\\".]+(?:\.[^@\s()<>\[\],;:\\".]+)*""")
_LONGEST = 254

_NOT_AMAZON = re.compile(r"[^\w.@-]+")
_ANGLE_BRACKETS = re.compile(r"<([^<>]*)>")

_GMAIL = frozenset({"gmail.com"})
_GMAIL_OF_GOOGLE = frozenset({"gmail.com", "googlemail.com"})


def plain(value: str) -> str | None:
    """Trim, lower case."""
    text = lowered(value)
    return text if text is not None and _is_address(text) else None


def amazon(value: str) -> str | None:
    """Lower case; all but letters, digits, ``_ . @ -`` dropped, so ``+`` goes and its suffix stays."""
    text = lowered(value)
    return None if text is None else _amazon(text)


def entity_resolution(value: str) -> str | None:
    """The address inside ``<…>`` if there is one; ``(at)`` is ``@``; without accents; then as Amazon."""
    text = present(value)
    if text is None:
        return None
    wrapped = _ANGLE_BRACKETS.search(text)
    inner = wrapped[1] if wrapped else text
    return _amazon(without_accents(inner.lower().replace("(at)", "@")))


def google(value: str) -> str | None:
    """Trim, lower case; for gmail.com and googlemail.com no dots before the ``@`` (the domain stays)."""
    return _without_gmail_variants(plain(value), _GMAIL_OF_GOOGLE, drop_suffix=False)


def uid2(value: str) -> str | None:
    """Trim, lower case; for gmail.com alone without dots and ``+suffix``. The domain needs no dot."""
    text = lowered(value)
    if text is None or not _is_address(text, _UID2_ADDRESS):
        return None
    return _without_gmail_variants(text, _GMAIL, drop_suffix=True)


def _amazon(text: str) -> str | None:
    kept = _NOT_AMAZON.sub("", text)
    return kept if _is_address(kept) else None


def _is_address(text: str, shape: re.Pattern[str] = _ADDRESS) -> bool:
    if shape.fullmatch(text) is None or not text.isprintable():
        return False
    return (len(text) if text.isascii() else len(text.encode())) <= _LONGEST


def _without_gmail_variants(address: str | None, domains: frozenset[str], *, drop_suffix: bool) -> str | None:
    """Gmail delivers ``j.ane+news@`` to ``jane@``; other providers may not, so theirs are left alone."""
    if address is None:
        return None
    local, _, domain = address.partition("@")
    if domain not in domains:
        return address
    if drop_suffix:
        local = local.partition("+")[0]
    local = local.replace(".", "")
    return f"{local}@{domain}" if local else None
