"""Identifiers that are not declared match keys, such as SubscriberKey and SubscriberID.

They join this system's own tables with each other, so nothing but white space around them is removed: their
owner decides what else matters. A word that programs write for nothing has no key, as it has none as a match
key: all rows with it would join each other. Where a pepper is set no one without it can test a guess; see
docs/privacy.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.normalizer.matchkeys.digest import hmac_sha256_hex, sha256_hex
from services.normalizer.matchkeys.errors import PepperEmpty
from services.normalizer.matchkeys.text import present


def identifier_key(value: str | None, pepper: bytes | None = None) -> str | None:
    """64 lower-case hexadecimal digits: SHA-256, or HMAC-SHA-256 under the pepper. None where there is no
    value.

    Raises:
        PepperEmpty: the pepper has no bytes.
    """
    return identifier_keys((value,), pepper)[0]


def identifier_keys(values: Sequence[str | None], pepper: bytes | None = None) -> list[str | None]:
    """The keys of many values, in their order; meant for the distinct values of a batch.

    Raises:
        PepperEmpty: the pepper has no bytes.
    """
    if pepper is not None and not pepper:
        raise PepperEmpty("the pepper is empty")
    keys: list[str | None] = []
    for value in values:
        text = None if value is None else present(value)
        if text is None:
            keys.append(None)
        else:
            keys.append(sha256_hex(text) if pepper is None else hmac_sha256_hex(text, pepper))
    return keys
