"""The text of an object's metadata, as its sender meant it.

S3 returns metadata that is not ASCII in encoded words (RFC 2047; "Editing object metadata" in the Amazon S3
User Guide). Where a client sends UTF-8, S3 takes each byte for a character of Latin-1 first, so that what is
encoded is UTF-8 twice. Other services with S3's interface send the bytes as they are, which HTTP clients read
as Latin-1.
"""

from __future__ import annotations

import binascii
from email.errors import HeaderParseError
from email.header import decode_header

from services.decryptor.encryption_errors import S3ecMetadataInvalid


def decode_metadata(value: str) -> str:
    """The text of a metadata value.

    Raises:
        S3ecMetadataInvalid: it has encoded words that cannot be decoded.
    """
    text = _without_encoded_words(value) if "=?" in value else value
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:  # no UTF-8 that was taken for Latin-1
        return text


def _without_encoded_words(value: str) -> str:
    """The value with its encoded words decoded; a character may lie across two of them."""
    try:
        return "".join(
            part if isinstance(part, str) else part.decode((charset or "latin-1").partition("*")[0])
            for part, charset in decode_header(value)
        )
    except (HeaderParseError, binascii.Error, LookupError, UnicodeDecodeError):
        raise S3ecMetadataInvalid("an encryption field is not well encoded (RFC 2047)") from None
