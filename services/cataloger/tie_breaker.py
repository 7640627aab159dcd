"""Asking S3 which of several extracts that landed in the same second is the newer.

S3 lists the versions of a key in order while they are in landing/. The archiver takes them away, and records
their order before it does (:attr:`shared.manifests.ArchiveManifest.landed_together`). Why:
docs/decisions/0024-ties.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cmp_to_key
from itertools import combinations

from services.cataloger.landed import landed_file
from services.cataloger.ties import Ties, file_id_in, tied
from shared.concurrency import for_each
from shared.identity import LandedFile, file_id
from shared.landed_together import landed_together
from shared.layout import manifest_key
from shared.lineage import generations_of, recorded
from shared.manifests import ArchiveManifest
from shared.objects.store import ObjectStore
from shared.stages import Stage

_AT_ONCE = 8  # manifests of files that tie


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of the place of one version among those of its second.

    ``together`` is what the archiver recorded, the newest first; empty where it did not. ``archived_at`` is
    when it first put its manifest, by S3's clock; after that the version may leave landing/.
    """

    version_id: str
    together: Sequence[str] = ()
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TieBreaker:
    """Finds out how extracts are ordered that tie; those that do not cost no request."""

    store: ObjectStore

    async def among(self, orders: Iterable[str], bucket: str) -> Ties:
        """How to compare any two of these orders.

        Versions of one key are in S3's order, and stay together. Between keys the smallest id decides of all
        versions of that second; so it is the id of the file itself where there is no other. Were it always
        the file's own, extracts of two keys could each be newer than the next in a circle.

        Args:
            orders: Of extracts, of one source or several.
            bucket: The ingest bucket, with the manifests.
        """
        overruled: set[tuple[str, str]] = set()
        for group in tied(orders):
            files = await for_each(
                group, lambda order: landed_file(self.store, bucket, file_id_in(order)), _AT_ONCE
            )
            by_key: dict[str, dict[str, LandedFile]] = defaultdict(dict)
            places: list[tuple[str, list[str]]] = []
            for order, file in zip(group, files, strict=True):
                if file is None:  # its manifests are gone
                    places.append((file_id_in(order), [order]))
                else:
                    by_key[file.key][order] = file
            places += await for_each(by_key.values(), self._place, _AT_ONCE)
            true_order = [order for _, of_key in sorted(places) for order in of_key]
            overruled |= {(older, newer) for older, newer in combinations(true_order, 2) if older > newer}
        return Ties(frozenset(overruled))

    async def _place(self, files: Mapping[str, LandedFile]) -> tuple[str, list[str]]:
        """Of versions of one key: the smallest id of those of that second, and the orders, oldest first."""
        one = next(iter(files.values()))
        listed = await landed_together(self.store, one)
        all_listed = all(file.version_id in listed for file in files.values())
        traces = {
            order: Trace(file.version_id) if all_listed else await self._trace(file)
            for order, file in files.items()
        }
        versions = set(listed).union(*((each.version_id, *each.together) for each in traces.values()))
        smallest = min(file_id(one.bucket, one.key, version, one.landing_date) for version in versions)

        def compare(order: str, other: str) -> int:
            if is_older(traces[order], traces[other], listed):
                return -1
            if is_older(traces[other], traces[order], listed):
                return 1
            return -1 if order < other else 1

        return smallest, sorted(files, key=cmp_to_key(compare))

    async def _trace(self, file: LandedFile) -> Trace:
        archived_at = None
        for generation in reversed(generations_of(await recorded(self.store, file), Stage.ARCHIVE)):
            key = manifest_key(file.file_id, Stage.ARCHIVE, generation)
            dated = await self.store.read_dated(file.bucket, key)
            if dated is None:
                continue
            manifest = ArchiveManifest.model_validate_json(dated[0])
            archived_at = archived_at or dated[1]
            if manifest.landed_together:
                return Trace(file.version_id, manifest.landed_together, archived_at)
        return Trace(file.version_id, (), archived_at)


def is_older(one: Trace, other: Trace, listed: Sequence[str]) -> bool:
    """Whether a version is known to be older than another of the same key and second.

    1. Any list that has both of them decides: S3's own, or what the archiver saw before it moved one away.
    2. Where none has both, one had left landing/ before the other landed: the one that left first is older.

    Args:
        one: The version that may be the older.
        other: The one that may be the newer.
        listed: The versions that are in landing/ now, the newest first.
    """
    for sequence in (listed, one.together, other.together):
        if one.version_id in sequence and other.version_id in sequence:
            return sequence.index(one.version_id) > sequence.index(other.version_id)
    if one.version_id in listed or other.version_id in listed:
        return other.version_id in listed
    if one.archived_at is None or other.archived_at is None or not (one.together or other.together):
        return False  # one was deleted by somebody else, or both were archived by an earlier release
    return one.archived_at < other.archived_at
