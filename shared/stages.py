"""The four stages of a file's way, in order."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """A step of the chain; its value names manifests, queues and log fields."""

    DECRYPT = "decrypt"
    NORMALIZE = "normalize"
    CATALOG = "catalog"
    ARCHIVE = "archive"
