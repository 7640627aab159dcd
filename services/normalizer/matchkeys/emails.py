"""E-mail addresses, as each standard writes them before hashing.

The standards say how to rewrite an address and little about which are addresses. Here a text is first
cleaned of what certainly is no part of an address, then it must be one, and only then a standard's rule
rewrites it. So no rule makes another person's address of a text that is none: ``jane doe@example.com`` has no
key in any profile.

- Cleaned: white space around it, invisible characters, full-width signs, ``mailto:``, a display name before
  ``<…>``, quotation marks around it, commas and semicolons behind it.
- An address has exactly one ``@``; something with a letter or digit before it; after it labels with a dot
  between them, none empty, whose ASCII is letters, digits, ``-`` and ``_``; no white space, control or
  invisible character, nor any of ``()<>[],;:\\"``, which only quoted or several addresses hold; at most 254
  bytes of UTF-8 (RFC 5321). Whether the mailbox exists is not checked.
"""

from __future__ import annotations

import re
import unicodedata

from services.normalizer.matchkeys.fillers import has_letter_or_digit, is_template
from services.normalizer.matchkeys.text import composed, lower, without_accents

_LOCAL = re.compile(r"""[^@\s()<>\[\],;:\\"]+""")
_ASCII_LABEL = re.compile(r"[0-9a-z_-]*[0-9a-z][0-9a-z_-]*")
_ASCII_DOMAIN = re.compile(rf"{_ASCII_LABEL.pattern}(?:\.{_ASCII_LABEL.pattern})*")
# What nearly every address is; nothing of it needs to be cleaned.
_EVERYDAY = re.compile(rf"[+._-]*[0-9a-z][0-9a-z+._'-]*@{_ASCII_LABEL.pattern}(?:\.{_ASCII_LABEL.pattern})+")
_DOMAIN_SIGNS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz-_")
_LONGEST = 254

# What input methods for Chinese, Japanese and Korean write for ASCII; U+FE6B is the small @.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: ord("@")}
_MAILBOX = re.compile(r"([^<>]*)<([^<>]*)>")
_MAILTO = "mailto:"
_QUOTES = ('"', "'")

_NOT_AMAZON = re.compile(r"[^\w.@-]+")

_GMAIL = frozenset({"gmail.com"})
_GMAIL_OF_GOOGLE = frozenset({"gmail.com", "googlemail.com"})


def plain(value: str) -> str | None:
    """Trim, lower case."""
    return _address(value)


def amazon(value: str) -> str | None:
    """Lower case; of an address all but letters, digits, ``_ . @ -`` dropped: ``+`` goes, its suffix stays.

    Amazon Ads publishes it: ``JaneSaoirse+Work@example.com`` → ``janesaoirsework@example.com``.
    """
    return as_amazon(plain(value))


def entity_resolution(value: str) -> str | None:
    """``(at)`` is ``@``; before the ``@`` ``å`` is ``aa`` and no accents; then as Amazon.

    The library published by AWS also drops the accents of the domain, which is then another one: such an
    address has no key.
    """
    return as_amazon(without_accents_of_user(with_at_sign(value)))


def with_at_sign(value: str) -> str | None:
    """The address, where ``(at)`` is read as ``@``; trimmed and in lower case."""
    address = _address(value)
    if address is not None or "(" not in value:
        return address
    text = _cleaned(value)
    return None if text is None else _valid(text.replace("(at)", "@"))


def without_accents_of_user(address: str | None) -> str | None:
    """As Entity Resolution writes the accents of an address; None where that would change the domain."""
    if address is None or address.isascii():
        return address
    local, _, domain = address.partition("@")
    if not domain.isascii() and unicodedata.normalize("NFC", without_accents(domain)) != domain:
        return None
    return f"{without_accents(local.replace('å', 'aa'))}@{domain}"


def google(value: str) -> str | None:
    """Trim, lower case; for gmail.com and googlemail.com without dots and ``+suffix`` (the domain stays).

    The user data formatter of Google's Data Manager API utilities does the same.
    """
    return _without_gmail_variants(plain(value), _GMAIL_OF_GOOGLE)


def uid2(value: str) -> str | None:
    """Trim, lower case; for gmail.com alone without dots and ``+suffix``. The domain needs no dot."""
    return _without_gmail_variants(_address(value, dots=0), _GMAIL)


def as_amazon(address: str | None) -> str | None:
    """Of an address in lower case all but letters, digits, ``_ . -`` before the ``@`` dropped."""
    if address is None:
        return None
    local, _, domain = address.partition("@")
    if _NOT_AMAZON.search(
        domain
    ):  # marks that a script writes with its letters; without them, another domain
        return None
    return _valid(f"{_NOT_AMAZON.sub('', local)}@{domain}")


def _address(value: str, dots: int = 1) -> str | None:
    """The cleaned text, if it is an address with so many dots or more in its domain."""
    text = value.strip().lower()
    if len(text) <= _LONGEST and _EVERYDAY.fullmatch(text):
        return text
    return _valid(_cleaned(value), dots)


def _cleaned(value: str) -> str | None:
    """In lower case and without what is certainly no part of an address; None if that can't be told."""
    text = composed(value)
    if text is None:
        return None
    if not text.isascii():
        text = text.translate(_FULL_WIDTH)
    text = lower(text)
    before = None
    while text != before:
        before = text
        text = text.strip().rstrip(",;")
        if text[:1] in _QUOTES and len(text) > 1 and text[0] == text[-1]:
            text = text[1:-1]
        elif text.startswith(_MAILTO):
            text = text.removeprefix(_MAILTO).partition("?")[0]
            if "%" in text or text.startswith("/"):
                return None
        elif text.endswith(">"):
            found = _MAILBOX.fullmatch(text)
            if found is None or ("@" in found[1] and found[1].strip(" \"'") != found[2]):
                return None
            text = found[2]
    return text


def _valid(text: str | None, dots: int = 1) -> str | None:
    """The text, if it is an address with so many dots or more in its domain."""
    if text is None or len(text) > _LONGEST:
        return None
    local, _, domain = text.partition("@")
    if _LOCAL.fullmatch(local) is None or domain.count(".") < dots or not _is_domain(domain):
        return None
    if not has_letter_or_digit(local) or is_template(local):
        return None
    if not text.isascii() and (len(text.encode()) > _LONGEST or not text.isprintable()):
        return None
    return text if text.isprintable() else None


def _is_domain(domain: str) -> bool:
    if domain.isascii():
        return _ASCII_DOMAIN.fullmatch(domain) is not None
    return all(
        has_letter_or_digit(label)
        and all(
            char in _DOMAIN_SIGNS if char.isascii() else unicodedata.category(char)[0] in "LMN"
            for char in label
        )
        for label in domain.split(".")
    )


def _without_gmail_variants(address: str | None, domains: frozenset[str]) -> str | None:
    """Gmail delivers ``j.ane+news@`` to ``jane@``; other providers may not, so theirs are left alone."""
    if address is None:
        return None
    local, _, domain = address.partition("@")
    if domain not in domains:
        return address
    local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}" if has_letter_or_digit(local) else None
