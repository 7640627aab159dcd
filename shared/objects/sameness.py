"""Whether a copy is its original, by what S3 itself says of both."""

from __future__ import annotations

import base64

from shared.objects.store import ObjectInfo

SIZE_ONLY = "size"


def proof_of_sameness(original: ObjectInfo, copy: ObjectInfo, sha256: str | None = None) -> str | None:
    """The strongest fact at hand by which a copy equals its original; None where one shows that it does not.

    In this order: the content's SHA-256 that we know ourselves, against the one S3 computed of the copy; a
    checksum over the whole object that S3 has of both (CRC-64/NVME unless the sender chose another); the
    ETag, where it is an MD5 of both; the size, which is always compared.

    Args:
        original: With checksums, see :meth:`ObjectStore.describe`.
        copy: Likewise.
        sha256: Lower-case hex, of the original's content, where it is known.
    """
    if original.size != copy.size:
        return None
    if sha256 is not None and "SHA256" in copy.checksums:
        ours = base64.b64encode(bytes.fromhex(sha256)).decode()
        return "SHA256" if copy.checksums["SHA256"] == ours else None
    for algorithm, checksum in original.checksums.items():
        if algorithm in copy.checksums:
            return algorithm if copy.checksums[algorithm] == checksum else None
    if original.etag_is_md5 and copy.etag_is_md5:
        return "ETag" if original.etag == copy.etag else None
    return SIZE_ONLY
