"""Digests of whole columns.

``hashlib`` wants one call a value; all else is done for the column at once, so that no digest becomes a
Python string on its way from one Arrow array to another.
"""

from __future__ import annotations

from binascii import hexlify
from hashlib import sha256
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from services.normalizer.columns.arrays import Text, text_of

_HEX_DIGITS = 64


def sha256_hex(text: Text) -> Text:
    """SHA-256 of each value's UTF-8 bytes in lower-case hexadecimal; NULL of NULL."""
    present = text.drop_null() if text.null_count else text
    values = cast("list[bytes]", present.cast(pa.binary()).to_pylist())
    digits = hexlify(b"".join([sha256(value).digest() for value in values]))
    digests = pa.Array.from_buffers(pa.binary(_HEX_DIGITS), len(values), [None, pa.py_buffer(digits)])
    spread = text_of(digests.cast(pa.binary()).cast(pa.string()))
    if not text.null_count:
        return spread
    return text_of(pc.replace_with_mask(pa.nulls(len(text), pa.string()), pc.is_valid(text), spread))
