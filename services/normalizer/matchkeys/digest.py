"""From a normalised value to its key: a digest of the UTF-8 bytes, in the encoding of the standard."""

from __future__ import annotations

import base64
import hashlib
import hmac


def sha256_hex(text: str) -> str:
    """64 lower-case hexadecimal digits: every standard but UID2."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha1_hex(text: str) -> str:
    """40 lower-case hexadecimal digits, as LiveRamp takes phones; an identifier, and no protection."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def sha256_base64(text: str) -> str:
    """44 characters: Base64 of the 32 bytes of the digest (not of its hexadecimal form), as UID2 takes it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def hmac_sha256_hex(text: str, pepper: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) under a secret, in lower-case hexadecimal; no partner can compute it."""
    return hmac.digest(pepper, text.encode(), "sha256").hex()
