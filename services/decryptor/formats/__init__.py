"""The formats that a landed file may come in, and how the right one is found."""

from __future__ import annotations

from services.decryptor.errors import UnrecognisedFormat
from services.decryptor.formats import esdk, gzip_stream, kms_blob, openpgp, s3ec
from services.decryptor.formats.format import Format
from services.decryptor.formats.plain_text import PlainText
from services.decryptor.formats.zip_archive import ZipArchive, ZipEnd
from services.decryptor.streams import Source

PLAIN = PlainText()

# What metadata says wins over first bytes. Among those, text comes last: it is recognised by plausibility,
# the others by marks that text lacks. Only then is an instruction file looked for, and the end of an
# archive: that costs a request each.
_FORMATS: tuple[Format, ...] = (
    s3ec.FORMAT,
    esdk.FORMAT,
    kms_blob.FORMAT,
    openpgp.FORMAT,
    ZipArchive(),
    gzip_stream.FORMAT,
    PLAIN,
    s3ec.UNMARKED_FORMAT,
    ZipEnd(),
)
_BY_NAME = {each.name: each for each in reversed(_FORMATS) if each is not PLAIN}

# Object metadata by which a sender may declare the outermost format by name; but text must look like text.
DECLARATION = "landfall-format"


def recognise(source: Source) -> Format:
    """The format of the content: as declared, or else as recognised.

    Raises:
        UnrecognisedFormat: none recognises it (what it is is not guessed at), or an unknown one is declared.
    """
    declared = source.metadata.get(DECLARATION)
    if declared is not None:
        if declared not in _BY_NAME:
            raise UnrecognisedFormat(f"the metadata {DECLARATION} names no format that is accepted")
        return _BY_NAME[declared]
    for candidate in _FORMATS:
        if candidate.recognises(source):
            return candidate
    raise UnrecognisedFormat("the content is neither a format that is accepted nor text")
