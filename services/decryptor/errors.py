"""Every way a landed file can fail to unpack: one class a cause. Those of encryption are in a module apart.

Messages hold counts, member numbers and member names already made safe; never a byte of the content.
"""

from __future__ import annotations

from shared.errors import PermanentError

ASK_SENDER = "Ask the sender to produce the file again and land it anew."


# --- What the file is


class EmptyObject(PermanentError):
    """There is nothing in the file, or nothing is left of it once a layer is taken off."""

    code = "EMPTY_OBJECT"
    advice = "Check the extract that wrote it: an extract without rows still has a header line. Land it anew."


class UnrecognisedFormat(PermanentError):
    """The content is neither a known format nor plausible text, so it is refused."""

    code = "FORMAT_UNRECOGNISED"
    advice = (
        "Send CSV as it is, or packed and encrypted in a way that docs/encryption.md lists; if it is one of "
        "those, see that its object metadata was not lost on the way."
    )


class MemberNotText(PermanentError):
    """A member of an archive must be an extract by its name, but is neither text nor an accepted format."""

    code = "MEMBER_NOT_TEXT"
    advice = (
        "Look at the member with its sender. If it is encrypted or packed, have that done in a way that "
        "docs/encryption.md lists; if it belongs to no dataset, give it the suffix of its type."
    )


class NoTextMember(PermanentError):
    """An archive holds files, but none of them is text."""

    code = "NO_TEXT_MEMBER"
    advice = "Check the extract that made the archive: what it packed is no CSV. Land it again."


class TrailingBytes(PermanentError):
    """The format came to its verified end, but the file goes on."""

    code = "TRAILING_BYTES"
    advice = f"Two files were joined or something was appended in transit. {ASK_SENDER}"


class LeadingBytes(PermanentError):
    """Something precedes a zip archive that its own offsets do not count."""

    code = "LEADING_BYTES"
    advice = f"Two files were joined, or it is a program that unpacks itself. {ASK_SENDER}"


class TooManyLayers(PermanentError):
    """More formats are wrapped in each other than the limit allows."""

    code = "TOO_MANY_LAYERS"
    advice = "Wrap the extract less often: one encryption, one archive and one compression are enough."


class StagingTooLarge(PermanentError):
    """An inner archive is larger than the place where it must be held."""

    code = "STAGING_TOO_LARGE"
    advice = "Send the archive's files one by one, or encrypt them inside the archive instead of around it."


# --- Member names and counts


class UnsafeMemberName(PermanentError):
    """A member's name would lead outside its folder, or is no name at all."""

    code = "MEMBER_NAME_UNSAFE"
    advice = f"Names must be relative, without '..'; such an archive may be hostile. {ASK_SENDER}"


class DuplicateMember(PermanentError):
    """Two members would come out under the same name."""

    code = "MEMBER_DUPLICATE"
    advice = "Give every file its own name (folders and letter case do not count) and land the archive anew."


class TooManyMembers(PermanentError):
    """The archive has more members than the limit."""

    code = "TOO_MANY_MEMBERS"
    advice = "Split the archive, or raise LANDFALL_MAX_MEMBERS if so many are right."


class MemberTooLarge(PermanentError):
    """One member is larger than the limit."""

    code = "MEMBER_TOO_LARGE"
    advice = "Split the extract, or raise LANDFALL_MAX_MEMBER_BYTES if so much is right."


class ExpandsTooFar(PermanentError):
    """All members together are larger than the limit."""

    code = "EXPANDS_TOO_FAR"
    advice = "Split the extract, or raise LANDFALL_MAX_TOTAL_BYTES if so much is right."


class RatioTooHigh(PermanentError):
    """The file expands by a factor that honest text does not reach: a decompression bomb."""

    code = "RATIO_TOO_HIGH"
    advice = "Treat the file as hostile until its sender explains it; then raise LANDFALL_MAX_RATIO."


# --- gzip


class GzipTruncated(PermanentError):
    """The gzip stream ends before its last block or trailer."""

    code = "GZIP_TRUNCATED"
    advice = f"The upload or the compression was cut short. {ASK_SENDER}"


class GzipCorrupt(PermanentError):
    """The gzip stream cannot be inflated, or its checksum or length is wrong."""

    code = "GZIP_CORRUPT"
    advice = f"The file was damaged. {ASK_SENDER}"


# --- zip


class ZipTruncated(PermanentError):
    """The archive ends before its directory does."""

    code = "ZIP_TRUNCATED"
    advice = f"The upload or the packing was cut short. {ASK_SENDER}"


class ZipCorrupt(PermanentError):
    """The archive's directory and its members contradict each other, or a member cannot be inflated."""

    code = "ZIP_CORRUPT"
    advice = f"The file was damaged. {ASK_SENDER}"


class ZipChecksumMismatch(PermanentError):
    """A member's CRC-32 is not the one its directory entry states."""

    code = "ZIP_CRC_MISMATCH"
    advice = f"The file was damaged. {ASK_SENDER}"


class ZipSplit(PermanentError):
    """The archive is one part of several."""

    code = "ZIP_SPLIT"
    advice = "Send one whole archive instead of parts."


class ZipEncrypted(PermanentError):
    """A member is encrypted by zip itself (ZipCrypto or AES)."""

    code = "ZIP_ENCRYPTED"
    advice = "Remove the archive's password and encrypt in a way that docs/encryption.md lists."


class ZipMethodUnsupported(PermanentError):
    """A member is compressed by a method other than deflate."""

    code = "ZIP_METHOD_UNSUPPORTED"
    advice = "Pack the archive with the deflate method (the default of nearly every program)."


class ZipEmpty(PermanentError):
    """The archive has no file in it."""

    code = "ZIP_EMPTY"
    advice = "Check the extract that made the archive: it packed no file. Land it anew."
