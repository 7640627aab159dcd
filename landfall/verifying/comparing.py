"""Where catalog, objects and manifests disagree: decided from values alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from landfall.verifying.expected import Expected
from landfall.verifying.registered import Registered, place_of
from landfall.verifying.report import Code, Discrepancy
from landfall.verifying.versions import mixed_versions
from services.cataloger.checks import broken_rules
from services.cataloger.gluecatalog import Table, Values
from services.cataloger.ties import NO_TIES, Ties


@dataclass(frozen=True, slots=True)
class Counted:
    """What SQL found in one object: rows, and columns with their Glue types."""

    rows: int
    columns: Mapping[str, str]


def compare(
    found: Registered,
    expected: Sequence[Expected],
    counted: Mapping[str, Counted | None],
    home: str,
    ties: Ties = NO_TIES,
) -> Iterator[Discrepancy]:
    """Every discrepancy.

    Args:
        found: The table as Glue has it, and what lies at its locations.
        expected: What the manifests say, of everything that ``found`` covers.
        counted: By key what SQL found; None for an object that it could not read.
        home: The dataset's folder, where the table must lie.
        ties: How snapshots compare that landed in the same second.
    """
    yield from _of_table(found.table, home)
    yield from _of_partitions(found)
    yield from _of_snapshots(found, expected, ties)
    visible = [each for each in expected if each.curated.mode == "append" or _is_shown(each, found)]
    for each in visible:
        yield from _of_object(each, found, counted)
    yield from mixed_versions(visible)
    known = {each.curated.object.key for each in expected}
    for values, items in found.objects.items():
        bucket, _ = place_of(found.partitions[values].location)
        for key in items.keys() - known:
            text = "no manifest lists this object, yet its rows show"
            yield Discrepancy(code=Code.OBJECT_UNKNOWN, message=text, where=f"s3://{bucket}/{key}")


def _of_table(table: Table, home: str) -> Iterator[Discrepancy]:
    if table.location.rstrip("/") != home.rstrip("/"):
        text = f"the table lies at {table.location}, not at its dataset's folder"
        yield Discrepancy(code=Code.TABLE_ELSEWHERE, message=text, where=home)
    broken = broken_rules(table.name, table.columns)
    if table.in_lake_formation:
        broken.append("its location is registered with Lake Formation")
    for rule in broken:
        yield Discrepancy(code=Code.UNFIT_FOR_CLEAN_ROOMS, message=rule)


def _of_partitions(found: Registered) -> Iterator[Discrepancy]:
    types = dict(found.table.columns)
    for each in found.partitions.values():
        where = "/".join(each.values)
        if not each.location.startswith(f"{found.table.location.rstrip('/')}/"):
            text = f"the partition lies at {each.location}, outside its table"
            yield Discrepancy(code=Code.PARTITION_ELSEWHERE, message=text, where=where)
        if not found.objects[each.values]:
            text = "the partition holds no object, which Clean Rooms does not accept"
            yield Discrepancy(code=Code.PARTITION_EMPTY, message=text, where=where)
        differing = sorted(name for name, kind in each.columns if types.get(name) != kind)
        if differing:
            text = f"the partition has other columns than its table: {', '.join(differing)}"
            yield Discrepancy(code=Code.PARTITION_COLUMNS_DIFFER, message=text, where=where)


def _is_shown(each: Expected, found: Registered) -> bool:
    """Whether the object's partition points to its folder, as of all snapshots only one's does."""
    partition = found.partitions.get(tuple(each.curated.partition.values()))
    return partition is not None and partition.location.rstrip("/") == each.curated.location.rstrip("/")


def _of_snapshots(found: Registered, expected: Sequence[Expected], ties: Ties) -> Iterator[Discrepancy]:
    """Each source must show the newest of its snapshots that are catalogued, or one newer still."""
    newest: dict[Values, Expected] = {}
    shown: dict[Values, Expected] = {}
    for each in expected:
        if each.curated.mode != "snapshot":
            continue
        values = tuple(each.curated.partition.values())
        if each.cataloged and (values not in newest or ties.is_older(newest[values].order, each.order)):
            newest[values] = each
        if _is_shown(each, found):
            shown[values] = each
    for values, due in newest.items():
        if values not in shown or ties.is_older(shown[values].order, due.order):
            text = "the source's partition does not show its newest snapshot"
            where = "/".join(values)
            yield Discrepancy(code=Code.SNAPSHOT_NOT_NEWEST, message=text, file_id=due.file_id, where=where)


def _of_object(
    each: Expected, found: Registered, counted: Mapping[str, Counted | None]
) -> Iterator[Discrepancy]:
    curated = each.curated
    key, values = curated.object.key, tuple(curated.partition.values())
    where = f"s3://{curated.object.bucket}/{key}"

    def fault(code: Code, message: str) -> Discrepancy:
        return Discrepancy(code=code, message=message, file_id=each.file_id, where=where)

    if each.failed and not each.cataloged:
        yield fault(Code.NOT_CATALOGED, "the cataloger gave up on the file: see `landfall status`")
    partition = found.partitions.get(values)
    if partition is None:
        if each.cataloged:
            yield fault(Code.NOT_REGISTERED, f"the partition {'/'.join(values)} is not registered")
        return
    present = found.objects[values].get(key)
    if present is None:
        yield fault(Code.OBJECT_MISSING, "the object is not at the location that its partition points to")
        return
    if present.etag.strip('"') != curated.object.etag.strip('"'):
        yield fault(Code.OBJECT_CHANGED, "the object is another than the manifest recorded")
    content = counted.get(key)
    if content is None:
        yield fault(Code.OBJECT_UNREADABLE, "SQL cannot read the object")
        return
    if content.rows != curated.rows.rows_out:
        text = f"SQL counts {content.rows:,} rows, the manifest {curated.rows.rows_out:,}"
        yield fault(Code.ROWS_DIFFER, text)
    # An engine reads an object by its partition's columns: what these lack does not show.
    types = dict(partition.columns)
    differing = sorted(name for name, kind in content.columns.items() if types.get(name) != kind)
    if differing:
        yield fault(Code.COLUMNS_DIFFER, f"the partition lacks or types otherwise: {', '.join(differing)}")
