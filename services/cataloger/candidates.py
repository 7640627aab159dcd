"""What there is to know of the snapshots that may take over, before :mod:`.plans` decides."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.cataloger.current_rows import CurrentRowsReader
from services.cataloger.gluecatalog import Table, Values
from services.cataloger.needs import Need
from services.cataloger.plans import Candidates
from services.cataloger.standing import Standing, standing_of
from services.cataloger.tie_breaker import TieBreaker
from services.cataloger.ties import Ties
from shared.objects.store import ObjectStore


@dataclass(frozen=True, slots=True)
class CandidatesReader:
    """Reads manifests, and looks whether locations hold anything."""

    store: ObjectStore

    async def of(self, name: str, needs: Sequence[Need], table: Table | None) -> Candidates:
        """Look at the snapshots that may take over by the register as it is now, and at those in place.

        Args:
            name: The table's.
            needs: Of any files, for that table.
            table: As it was last read; None where there is none.
        """
        parameters = {} if table is None else table.parameters
        ties = await self._ties_among(needs, parameters)
        replaced: dict[Standing, str] = {}
        locations: list[str] = []
        for need in needs:
            standing = standing_of(parameters, need.values)
            if need.snapshot and (standing is None or standing.may_give_way_to(need.snapshot, ties)):
                locations.append(need.location)
                if standing is not None:
                    replaced[standing] = need.snapshot.bucket
        reader = CurrentRowsReader(self.store)
        rows = [reader.of(name, *each) for each in replaced.items()]
        return Candidates(
            current=dict(zip(replaced, await asyncio.gather(*rows), strict=True)),
            empty=await empty_of(self.store, locations),
            ties=ties,
        )

    async def _ties_among(self, needs: Sequence[Need], parameters: Mapping[str, str]) -> Ties:
        """How snapshots compare that tie: those of each source with one another and with the current one."""
        by_source: dict[tuple[str, Values], set[str]] = defaultdict(set)
        for need in needs:
            if need.snapshot is not None:
                orders = by_source[need.snapshot.bucket, need.values]
                orders.add(need.snapshot.order)
                if (standing := standing_of(parameters, need.values)) is not None:
                    orders.add(standing.order)
        breaker = TieBreaker(self.store)
        asked = [breaker.among(orders, bucket) for (bucket, _), orders in by_source.items()]
        found = await asyncio.gather(*asked)
        return Ties(frozenset().union(*(each.overruled for each in found)))


async def empty_of(store: ObjectStore, locations: Sequence[str]) -> frozenset[str]:
    """Those of the locations that hold no object."""

    async def holds_data(location: str) -> bool:
        bucket, _, prefix = location.removeprefix("s3://").partition("/")
        return await store.holds_any(bucket, f"{prefix.rstrip('/')}/")

    distinct = sorted(set(locations))
    filled = await asyncio.gather(*map(holds_data, distinct))
    return frozenset(location for location, holds in zip(distinct, filled, strict=True) if not holds)
