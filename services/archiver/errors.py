"""How archiving can fail."""

from __future__ import annotations

from shared.errors import PermanentError


class OriginalGone(PermanentError):
    """An original vanished before it was archived."""

    code = "ORIGINAL_GONE"
    advice = (
        "Find out what deletes from landing/ or raw/ besides the archiver; the curated rows are complete."
    )


class CopyDiffers(PermanentError):
    """An archive copy differs from its original."""

    code = "ARCHIVE_COPY_DIFFERS"
    advice = "The original was kept. Compare both objects, then replay the file from archive."
