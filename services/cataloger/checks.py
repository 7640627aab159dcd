"""Whether the catalog shows what a file needs, and as AWS Clean Rooms will accept it: a crawl is no proof."""

from __future__ import annotations

from services.cataloger.errors import (
    ColumnsDiffer,
    ColumnsMissing,
    PartitionElsewhere,
    PartitionMissing,
    TableElsewhere,
    TableMissing,
    UnfitForCleanRooms,
)
from services.cataloger.gluecatalog import Partition, Table
from services.cataloger.needs import Columns, Need
from services.cataloger.standing import standing_of
from shared.cleanrooms import fits_name, fits_type
from shared.errors import LandfallError


def fault_in(need: Need, table: Table | None, partition: Partition | None) -> LandfallError | None:
    """What is wrong with a table and partition for a need, None where everything is as it must be."""
    if table is None:
        return TableMissing(f"there is no table {need.table}")
    fault = place_fault(need, table) or columns_fault(need, table.columns) or fitness_fault(table)
    if fault is not None:
        return fault
    if partition is None:
        return PartitionMissing(f"table {need.table} has no partition for the file")
    if partition.location.rstrip("/") != due_location(need, table).rstrip("/"):
        return PartitionElsewhere(f"table {need.table} has the file's partition at another location")
    return columns_fault(need, partition.columns)


def due_location(need: Need, table: Table) -> str:
    """Where the need's partition must point: for a snapshot, to the one that counts for its source.

    That is the need's own or a newer one: the register is changed before the partition.
    """
    standing = standing_of(table.parameters, need.values) if need.snapshot else None
    return need.location if standing is None else standing.location


def place_fault(need: Need, table: Table) -> LandfallError | None:
    """Whether the table is another than the dataset's: Clean Rooms requires its location to be the data's."""
    if table.location.rstrip("/") != need.table_location.rstrip("/"):
        return TableElsewhere(f"table {need.table} does not lie at its dataset's folder")
    if table.keys != need.keys:
        return TableElsewhere(f"table {need.table} is not partitioned by {', '.join(need.keys)}")
    return None


def columns_fault(need: Need, columns: Columns) -> LandfallError | None:
    """Whether a table or partition lacks a column of the file or has it with another type."""
    types = dict(columns)
    differing = sorted(name for name, kind in need.columns if types.get(name, kind) != kind)
    if differing:
        return ColumnsDiffer(f"table {need.table} has another type for {', '.join(differing)}")
    missing = sorted(name for name, _ in need.columns if name not in types)
    if missing:
        return ColumnsMissing(f"table {need.table} lacks {', '.join(missing)}")
    return None


def fitness_fault(table: Table) -> LandfallError | None:
    """Whether a table breaks a rule of Clean Rooms."""
    broken = broken_rules(table.name, table.columns)
    if table.in_lake_formation:
        broken.append("its location is registered with Lake Formation")
    return UnfitForCleanRooms(f"table {table.name}: {'; '.join(broken)}") if broken else None


def broken_rules(table: str, columns: Columns) -> list[str]:
    """The rules on names and types that a table breaks, in words."""
    broken = [f"{name} is no name there" for name in (table, *dict(columns)) if not fits_name(name)]
    return broken + [f"{name} has the type {kind}" for name, kind in columns if not fits_type(kind)]
