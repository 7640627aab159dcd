"""What to change in Glue so that a table shows what files need: decided from values alone, nothing called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from services.cataloger.checks import broken_rules, due_location, place_fault
from services.cataloger.definitions import changed_table, new_table, partition_input
from services.cataloger.errors import ColumnsDiffer, PartitionElsewhere, PartitionEmpty, UnfitForCleanRooms
from services.cataloger.gluecatalog import Partition, Table, Values
from services.cataloger.needs import Columns, Need, Snapshot, united
from services.cataloger.shrinking import CurrentRows, compare
from services.cataloger.standing import Standing, entry_for, standing_of, with_entry
from services.cataloger.ties import NO_TIES, Ties
from shared.errors import LandfallError
from shared.manifests import Notice

if TYPE_CHECKING:
    from types_aiobotocore_glue.type_defs import PartitionInputTypeDef, TableInputTypeDef


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is known of the snapshots that may take over, and of those that they would replace."""

    current: Mapping[Standing, CurrentRows | None] = field(default_factory=dict)
    """By the register's entry; None where no manifest tells them."""
    empty: Collection[str] = ()
    """Locations of candidates that hold no object."""
    ties: Ties = NO_TIES
    """Among the candidates and the register's entries."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The next step only: after each, the table is read again and a new plan made, until one has no step.

    ``widened`` are the columns that a changed table hands down to all of its partitions. ``faults`` are needs
    that no change can meet, ``notices`` what an operator should know of a snapshot that takes over.
    """

    faults: dict[Need, LandfallError]
    notices: dict[Need, Notice] = field(default_factory=dict)
    create: TableInputTypeDef | None = None
    update: TableInputTypeDef | None = None
    widened: Columns | None = None
    register: list[PartitionInputTypeDef] = field(default_factory=list)
    replace: list[PartitionInputTypeDef] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether Glue shows all that can be shown."""
        return not (self.create or self.update or self.register or self.replace)


def plan_for(
    needs: Sequence[Need],
    table: Table | None,
    partitions: Mapping[Values, Partition],
    now: datetime,
    candidates: Candidates,
) -> Plan:
    """The next step towards a table that shows what all of these needs ask, as far as it can.

    Columns are only ever added. Of several snapshots of a source the newest counts that is not held back.
    """
    columns: Columns = () if table is None else table.columns
    parameters = {} if table is None else dict(table.parameters)
    current = dict(candidates.current)
    faults: dict[Need, LandfallError] = {}
    notices: dict[Need, Notice] = {}
    for need in needs:
        merged = _merged(need, table, columns)
        if isinstance(merged, LandfallError):
            faults[need] = merged
            continue
        standing = standing_of(parameters, need.values) if need.snapshot else None
        known = None if standing is None else current.get(standing)
        if need.snapshot and _is_newer(need.snapshot, standing, known, candidates.ties):
            comparison = compare(need, need.snapshot, standing, known)
            if comparison.held_back is not None:
                faults[need] = comparison.held_back
                continue
            if need.location in candidates.empty:
                faults[need] = PartitionEmpty(f"the file's snapshot for table {need.table} holds no object")
                continue
            if comparison.notice is not None:
                notices[need] = comparison.notice
            entry = entry_for(need, need.snapshot, standing, now)
            parameters = with_entry(parameters, entry)
            current[entry] = CurrentRows(need.snapshot.generation, need.snapshot.rows)
        columns = merged
    able = [need for need in needs if need not in faults]
    if not able:
        return Plan(faults)
    if table is None:
        return Plan(faults, notices, create=new_table(able[0], columns, parameters))
    if columns != table.columns or parameters != table.parameters:
        # A snapshot's partition takes over new columns when it is next switched: to touch it before could
        # undo a switch that somebody makes at the same moment.
        hand_down = columns if columns != table.columns and able[0].snapshot is None else None
        return Plan(faults, notices, update=changed_table(table, columns, parameters), widened=hand_down)
    return _partition_plan(able, table, partitions, faults, now)


def _is_newer(snapshot: Snapshot, standing: Standing | None, known: CurrentRows | None, ties: Ties) -> bool:
    """Whether it is newer than the current one, or the same file's, normalised once more since."""
    if standing is None:
        return True
    if standing.generation is None and standing.order == snapshot.order:
        return known is not None and known.generation < snapshot.generation
    return standing.may_give_way_to(snapshot, ties)


def _merged(need: Need, table: Table | None, columns: Columns) -> Columns | LandfallError:
    fault = None if table is None else place_fault(need, table)
    if fault is not None:
        return fault
    try:
        merged = united(columns, need.columns, need.table)
    except ColumnsDiffer as differ:
        return differ
    broken = broken_rules(need.table, merged)
    return UnfitForCleanRooms(f"table {need.table}: {'; '.join(broken)}") if broken else merged


def _partition_plan(
    needs: Sequence[Need],
    table: Table,
    partitions: Mapping[Values, Partition],
    faults: dict[Need, LandfallError],
    now: datetime,
) -> Plan:
    plan = Plan(faults)
    planned: set[Values] = set()
    for need in needs:
        location, present = due_location(need, table), partitions.get(need.values)
        moved = present is not None and present.location.rstrip("/") != location.rstrip("/")
        if moved and need.snapshot is None:
            faults[need] = PartitionElsewhere(f"table {need.table} has the file's partition elsewhere")
        elif need.values not in planned:
            planned.add(need.values)
            since = now if present is None or moved else present.shown_since
            wanted = partition_input(need.values, location, table.columns, since if need.snapshot else None)
            if present is None:
                plan.register.append(wanted)
            elif moved or dict(present.columns) != dict(table.columns):
                plan.replace.append(wanted)
    return plan
