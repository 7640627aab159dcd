"""Names that fit into an object key, whatever they were before."""

from __future__ import annotations

import hashlib

_LONGEST_EXTENSION_BYTES = 16


def bounded(name: str, max_bytes: int) -> str:
    """A name of at most ``max_bytes`` of UTF-8; one that is cut is marked with a digest of the whole.

    Its extension is kept, and different names stay different.
    """
    encoded = name.encode()
    if len(encoded) <= max_bytes:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) >= _LONGEST_EXTENSION_BYTES:
        stem, extension = name, ""
    tail = f"-{hashlib.sha256(encoded).hexdigest()[:8]}{dot if extension else ''}{extension}"
    return stem.encode()[: max_bytes - len(tail.encode())].decode(errors="ignore") + tail
