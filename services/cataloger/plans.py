"""What to change in Glue so that a table shows what files need: decided from values alone, nothing called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from services.cataloger.checks import broken_rules, due_location, place_fault
from services.cataloger.definitions import changed_table, new_table, partition_input
from services.cataloger.errors import ColumnsDiffer, PartitionElsewhere, UnfitForCleanRooms
from services.cataloger.gluecatalog import Partition, Table, Values
from services.cataloger.needs import Columns, Need, united
from services.cataloger.standing import entry_for, standing_of, with_entry
from shared.errors import LandfallError

if TYPE_CHECKING:
    from types_aiobotocore_glue.type_defs import PartitionInputTypeDef, TableInputTypeDef


@dataclass(frozen=True, slots=True)
class Plan:
    """The next step only: after each, the table is read again and a new plan made, until one has no step.

    ``widened`` are the columns that a changed table hands down to all of its partitions. ``faults`` are needs
    that no change can meet.
    """

    faults: dict[Need, LandfallError]
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
) -> Plan:
    """The next step towards a table that shows what all of these needs ask, as far as it can.

    Columns are only ever added. Of several snapshots of a source the newest counts.
    """
    columns: Columns = () if table is None else table.columns
    parameters = {} if table is None else dict(table.parameters)
    faults: dict[Need, LandfallError] = {}
    for need in needs:
        merged = _merged(need, table, columns)
        if isinstance(merged, LandfallError):
            faults[need] = merged
            continue
        columns = merged
        if need.is_snapshot:
            standing = standing_of(parameters, need.values)
            if standing is None or standing.order < need.order:
                parameters = with_entry(parameters, entry_for(need, now))
    able = [need for need in needs if need not in faults]
    if not able:
        return Plan(faults)
    if table is None:
        return Plan(faults, create=new_table(able[0], columns, parameters))
    if columns != table.columns or parameters != table.parameters:
        # A snapshot's partition takes over new columns when it is next switched: to touch it before could
        # undo a switch that somebody makes at the same moment.
        hand_down = columns if columns != table.columns and not able[0].is_snapshot else None
        return Plan(faults, update=changed_table(table, columns, parameters), widened=hand_down)
    return _partition_plan(able, table, partitions, faults)


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
) -> Plan:
    plan = Plan(faults)
    planned: set[Values] = set()
    for need in needs:
        location, present = due_location(need, table), partitions.get(need.values)
        moved = present is not None and present.location.rstrip("/") != location.rstrip("/")
        if moved and not need.is_snapshot:
            faults[need] = PartitionElsewhere(f"table {need.table} has the file's partition elsewhere")
        elif need.values not in planned:
            planned.add(need.values)
            wanted = partition_input(need.values, location, table.columns)
            if present is None:
                plan.register.append(wanted)
            elif moved or dict(present.columns) != dict(table.columns):
                plan.replace.append(wanted)
    return plan
