"""The register of the snapshot that counts for each source, kept in its table's own parameters.

Glue cannot update a partition on condition that it has not changed, so two catalogers that moved the same
partition could leave the older extract there. A table it can: an entry here changes only by an UpdateTable
that names the version it has read. The register decides, and the partition follows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from services.cataloger.gluecatalog import Values
from services.cataloger.needs import Need, Snapshot
from services.cataloger.ties import Ties

_PREFIX = "landfall_snapshot_"
_FOLDER = "snapshot="


class Previous(BaseModel):
    """The snapshot that the present one replaced: none between the two in order was ever registered."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    location: str
    order: str


class Standing(BaseModel):
    """One source's entry: the snapshot that its partition must show.

    ``generation`` is that of the normalize manifest it was made from. An entry that an earlier release wrote
    has neither it nor ``previous``.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: Values
    order: str
    location: str
    since: AwareDatetime
    generation: int | None = None
    previous: Previous | None = None

    @property
    def file_id(self) -> str:
        """Of the file that brought it."""
        return self.location.rstrip("/").rpartition(_FOLDER)[2]

    def may_give_way_to(self, snapshot: Snapshot, ties: Ties) -> bool:
        """Whether a snapshot is a newer extract, or perhaps this one's file normalised once more since."""
        if self.order == snapshot.order:
            return self.generation is None or self.generation < snapshot.generation
        return ties.is_older(self.order, snapshot.order)


def standing_of(parameters: Mapping[str, str], source: Values) -> Standing | None:
    """A source's entry, None where no snapshot of it has been registered (or nobody can read the entry)."""
    return _entry(parameters.get(_name(source)))


def standings(parameters: Mapping[str, str]) -> Iterator[Standing]:
    """Every source's entry, of those that can be read."""
    entries = (_entry(text) for name, text in parameters.items() if name.startswith(_PREFIX))
    return (entry for entry in entries if entry is not None)


def entry_for(need: Need, snapshot: Snapshot, standing: Standing | None, now: datetime) -> Standing:
    """The entry that makes a need's snapshot the one that counts, in place of ``standing``."""
    since, previous = now, None
    if standing is not None:
        same = standing.location == need.location
        since = standing.since if same else now
        previous = standing.previous if same else Previous(location=standing.location, order=standing.order)
    return Standing(
        source=need.values,
        order=snapshot.order,
        location=need.location,
        since=since,
        generation=snapshot.generation,
        previous=previous,
    )


def with_entry(parameters: Mapping[str, str], entry: Standing) -> dict[str, str]:
    """A table's parameters with this entry in place of its source's former one."""
    return {**parameters, _name(entry.source): entry.model_dump_json()}


def _entry(text: str | None) -> Standing | None:
    if text is None:
        return None
    try:
        return Standing.model_validate_json(text)
    except ValidationError:
        return None


def _name(source: Values) -> str:
    # Names of parameters are limited to 255 bytes and folders of a landing bucket are not.
    return _PREFIX + hashlib.sha256("\0".join(source).encode()).hexdigest()[:16]
