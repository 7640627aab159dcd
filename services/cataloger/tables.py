"""Tables as files need them: looked at, or brought to it; either way all files that wait share the calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.cataloger.candidates import CandidatesReader, empty_of
from services.cataloger.checks import fault_in
from services.cataloger.definitions import partition_input
from services.cataloger.errors import PartitionEmpty
from services.cataloger.gluecatalog import GlueCatalog, Partition, Table, Values
from services.cataloger.needs import Columns, Need
from services.cataloger.plans import Plan, plan_for
from services.cataloger.standing import Standing, standing_of
from shared.commit import now
from shared.errors import AwsUnavailable, LandfallError, SnapshotShrunk
from shared.gathering import Gathering
from shared.manifests import CatalogedTable, Notice
from shared.objects.store import ObjectStore

_ROUNDS = 20  # each is lost only to somebody else who got further


@dataclass(frozen=True, slots=True)
class FirstLook:
    """Which snapshot of a source the partition showed before anything was changed."""

    order: str
    """Of its extract."""
    shown_since: datetime
    at: datetime
    """When that was looked at."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A need that the catalog meets; ``standing`` is the snapshot that counts for its source.

    ``before`` is what was shown at the first look, unless the partition had yet to follow the register.
    ``notice`` is what an operator should know of how it came to count.
    """

    need: Need
    table: CatalogedTable
    standing: Standing | None
    before: FirstLook | None = None
    notice: Notice | None = None


Verdict = Shown | LandfallError


class Tables:
    """The curated tables, for any number of files at once."""

    def __init__(self, catalog: GlueCatalog, store: ObjectStore, clock: Callable[[], datetime] = now) -> None:
        self._catalog = catalog
        self._store = store
        self._clock = clock
        self._candidates = CandidatesReader(store)
        self._looks = Gathering(self._look)
        self._changes = Gathering(self._bring_up)

    async def look(self, needs: Sequence[Need]) -> list[Shown]:
        """Confirm that the catalog meets every need, and changes nothing.

        Raises:
            LandfallError: the first need's fault that was found.
        """
        return await _all(self._looks, needs)

    async def bring_up(self, needs: Sequence[Need]) -> list[Shown]:
        """Change tables and partitions until they meet every need, then confirm it.

        Raises:
            LandfallError: the first need that can't be met, now or ever.
        """
        return await _all(self._changes, needs)

    async def switch(self, needs: Sequence[Need]) -> tuple[list[Shown], list[SnapshotShrunk]]:
        """As :meth:`bring_up`, of snapshots; those that are held back keep none of the others from it.

        Raises:
            LandfallError: the first need that can't be met for another reason.
        """
        outcomes = await _each(self._changes, needs)
        held_back = [each for each in outcomes if isinstance(each, SnapshotShrunk)]
        return _shown([each for each in outcomes if not isinstance(each, SnapshotShrunk)]), held_back

    async def _look(self, name: str, needs: Sequence[Need]) -> list[Verdict]:
        table, partitions = await self._read(name, needs)
        return await self._verdicts(needs, table, partitions, Plan({}), {})

    async def _bring_up(self, name: str, needs: Sequence[Need]) -> list[Verdict]:
        distinct = list(dict.fromkeys(needs))
        notices: dict[Need, Notice] = {}
        before: dict[Need, FirstLook] | None = None
        for _ in range(_ROUNDS):
            table, partitions = await self._read(name, distinct)
            if before is None:
                before = self._first_looks(distinct, table, partitions)
            candidates = await self._candidates.of(name, distinct, table)
            plan = plan_for(distinct, table, partitions, self._clock(), candidates)
            notices |= plan.notices
            if plan.is_done:
                plan = replace(plan, notices=notices)
                return await self._verdicts(needs, table, partitions, plan, before)
            await self._apply(name, table, plan)
        raise AwsUnavailable(f"others kept changing the table {name}")

    async def _read(self, name: str, needs: Sequence[Need]) -> tuple[Table | None, dict[Values, Partition]]:
        table = await self._catalog.table(name)
        if table is None:
            return None, {}
        return table, await self._catalog.partitions(name, {need.values for need in needs})

    def _first_looks(
        self, needs: Sequence[Need], table: Table | None, partitions: Mapping[Values, Partition]
    ) -> dict[Need, FirstLook]:
        looks: dict[Need, FirstLook] = {}
        for need in needs:
            partition = partitions.get(need.values)
            standing = standing_of(table.parameters, need.values) if table and need.snapshot else None
            if standing and partition and partition.location.rstrip("/") == standing.location.rstrip("/"):
                # An earlier release wrote no time to the partition.
                shown_since = partition.shown_since or standing.since
                looks[need] = FirstLook(standing.order, shown_since, self._clock())
        return looks

    async def _apply(self, name: str, table: Table | None, plan: Plan) -> None:
        if plan.create is not None:
            await self._catalog.create_table(plan.create)
        elif plan.update is not None and table is not None:
            updated = await self._catalog.update_table(plan.update, table.version)
            if updated and plan.widened is not None:
                await self._hand_down(name, plan.widened)
        else:
            await self._catalog.create_partitions(name, plan.register)
            await self._catalog.update_partitions(name, plan.replace)

    async def _hand_down(self, name: str, columns: Columns) -> None:
        """Give the table's columns to every partition, as a crawler with InheritFromTable does.

        If somebody else has widened the table meanwhile, our columns may have replaced his in a partition:
        then the table's are handed down once more.
        """
        while True:
            outdated = [
                partition_input(each.values, each.location, columns)
                async for each in self._catalog.every_partition(name)
                if set(each.columns) < set(columns)
            ]
            await self._catalog.update_partitions(name, outdated)
            table = await self._catalog.table(name)
            if table is None or table.columns == columns:
                return
            columns = table.columns

    async def _verdicts(
        self,
        needs: Sequence[Need],
        table: Table | None,
        partitions: Mapping[Values, Partition],
        plan: Plan,
        before: Mapping[Need, FirstLook],
    ) -> list[Verdict]:
        empty = await empty_of(self._store, [each.location for each in partitions.values()])
        verdicts: dict[Need, Verdict] = {}
        for need in dict.fromkeys(needs):
            partition = partitions.get(need.values)
            fault = plan.faults.get(need) or fault_in(need, table, partition)
            if fault is None and partition is not None and partition.location in empty:
                fault = PartitionEmpty(f"the file's partition of table {need.table} holds no object")
            verdicts[need] = fault or self._shown(need, table, before.get(need), plan.notices.get(need))
        return [verdicts[need] for need in needs]

    def _shown(
        self, need: Need, table: Table | None, before: FirstLook | None, notice: Notice | None
    ) -> Shown:
        assert table is not None  # noqa: S101 - else there would be a fault
        standing = standing_of(table.parameters, need.values) if need.snapshot else None
        counts = need.snapshot and standing and standing.order == need.snapshot.order
        return Shown(
            need=need,
            table=CatalogedTable(
                database=self._catalog.database,
                table=need.table,
                location=table.location,
                columns=len(table.columns),
                partition=need.partition,
            ),
            standing=standing,
            before=before,
            notice=notice if counts else None,
        )


async def _all(gathering: Gathering[Need, Shown], needs: Sequence[Need]) -> list[Shown]:
    return _shown(await _each(gathering, needs))


async def _each(gathering: Gathering[Need, Shown], needs: Sequence[Need]) -> list[Shown | BaseException]:
    return await asyncio.gather(
        *(gathering.submit(need.table, need) for need in needs), return_exceptions=True
    )


def _shown(outcomes: Sequence[Shown | BaseException]) -> list[Shown]:
    shown: list[Shown] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        shown.append(outcome)
    return shown
