"""The four stages of a file's way, in order."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """A step of the chain; its value names manifests, queues and log fields."""

    DECRYPT = "decrypt"
    NORMALIZE = "normalize"
    CATALOG = "catalog"
    ARCHIVE = "archive"

    @property
    def before(self) -> Stage | None:
        """The stage whose manifest this one works from; None for the first."""
        stages = list(Stage)
        at = stages.index(self)
        return stages[at - 1] if at else None

    @property
    def after(self) -> Stage | None:
        """The stage that takes the file next; None for the last."""
        stages = list(Stage)
        at = stages.index(self) + 1
        return stages[at] if at < len(stages) else None

    def precedes(self, other: Stage) -> bool:
        """Whether a file passes this stage earlier than the other."""
        stages = list(Stage)
        return stages.index(self) < stages.index(other)
