"""The lock as it is stored: one JSON document, a dataset's profile versions in each entry.

Readers ignore fields that they do not know, and writers keep them: a later release may have added them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.normalizer.errors import ProfileLockUnreadable, ProfileVersionUnknown

_VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class DatasetLock(_Part):
    """The versions that one dataset's columns hold, by profile, and who changed them last."""

    profiles: dict[str, int] = Field(default_factory=dict)
    changed_by: str
    changed_at: AwareDatetime


class LockDocument(_Part):
    """All entries."""

    version: int = _VERSION
    datasets: dict[str, DatasetLock] = Field(default_factory=dict)

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            ProfileVersionUnknown: a later release wrote it in a form that this one does not know.
            ProfileLockUnreadable: it is no lock.
        """
        try:
            document = cls.model_validate_json(body)
        except ValidationError:
            raise ProfileLockUnreadable("recipes/profiles.json is not a lock on profile versions") from None
        if document.version != _VERSION:
            raise ProfileVersionUnknown(f"recipes/profiles.json has the version {document.version}")
        return document

    def to_json(self) -> bytes:
        """The document's text."""
        return self.model_dump_json(indent=1).encode()

    def versions_of(self, dataset: str) -> Mapping[str, int]:
        """The versions that a dataset's columns hold, by profile; none where the dataset has no entry."""
        entry = self.datasets.get(dataset)
        return {} if entry is None else entry.profiles

    def with_versions(self, dataset: str, versions: Mapping[str, int], who: str, when: datetime) -> Self:
        """The document with these versions of a dataset's profiles; its other profiles keep theirs."""
        profiles = {**self.versions_of(dataset), **versions}
        facts: dict[str, object] = {"profiles": profiles, "changed_by": who, "changed_at": when}
        former = self.datasets.get(dataset)
        entry = DatasetLock.model_validate(facts) if former is None else former.model_copy(update=facts)
        return self.model_copy(update={"datasets": {**self.datasets, dataset: entry}})
