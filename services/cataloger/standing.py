"""The register of the snapshot that counts for each source, kept in its table's own parameters.

Glue cannot update a partition on condition that it has not changed, so two catalogers that moved the same
partition could leave the older extract there. A table it can: an entry here changes only by an UpdateTable
that names the version it has read. The register decides, and the partition follows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from services.cataloger.gluecatalog import Values
from services.cataloger.needs import Need

_PREFIX = "landfall_snapshot_"


class Standing(BaseModel):
    """One source's entry: the snapshot that its partition must show."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: Values
    order: str
    location: str
    since: AwareDatetime


def standing_of(parameters: Mapping[str, str], source: Values) -> Standing | None:
    """A source's entry, None where no snapshot of it has been registered (or nobody can read the entry)."""
    text = parameters.get(_name(source))
    if text is None:
        return None
    try:
        return Standing.model_validate_json(text)
    except ValidationError:
        return None


def entry_for(need: Need, now: datetime) -> Standing:
    """The entry that makes a need's snapshot the one that counts from now on."""
    return Standing(source=need.values, order=need.order, location=need.location, since=now)


def with_entry(parameters: Mapping[str, str], entry: Standing) -> dict[str, str]:
    """A table's parameters with this entry in place of its source's former one."""
    return {**parameters, _name(entry.source): entry.model_dump_json()}


def _name(source: Values) -> str:
    # Names of parameters are limited to 255 bytes and folders of a landing bucket are not.
    return _PREFIX + hashlib.sha256("\0".join(source).encode()).hexdigest()[:16]
