"""Where catalog, objects and manifests disagree: decided from values alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from landfall.verifying.expected import Expected
from landfall.verifying.registered import Registered, place_of
from landfall.verifying.report import Code, Discrepancy
from services.cataloger.checks import broken_rules
from services.cataloger.gluecatalog import Table, Values
from shared.objects.store import Listed


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
) -> Iterator[Discrepancy]:
    """Every discrepancy.

    Args:
        found: The table as Glue has it, and what lies at its locations.
        expected: What the manifests say, of everything that ``found`` covers.
        counted: By key what SQL found; None for an object that it could not read.
        home: The dataset's folder, where the table must lie.
    """
    yield from _of_table(found.table, home)
    yield from _of_partitions(found)
    shown = list(_that_must_show(found, expected))
    yield from _of_snapshots(found, expected)
    for each in shown:
        yield from _of_object(each, found, counted)
    known = {each.curated.object.key for each in expected}
    for values, items in found.objects.items():
        for item in items:
            if item.key not in known:
                text = "no manifest lists this object, yet its rows show"
                where = _address(found, values, item)
                yield Discrepancy(code=Code.OBJECT_UNKNOWN, message=text, where=where)


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
    for each in found.partitions:
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


def _that_must_show(found: Registered, expected: Sequence[Expected]) -> Iterator[Expected]:
    """All appended objects; of snapshots those that the partition of their source points to."""
    locations = {each.values: each.location.rstrip("/") for each in found.partitions}
    for each in expected:
        values = tuple(each.curated.partition.values())
        if each.curated.mode == "append" or locations.get(values) == each.curated.location.rstrip("/"):
            yield each


def _of_snapshots(found: Registered, expected: Sequence[Expected]) -> Iterator[Discrepancy]:
    """Each source must show the newest of its snapshots that are catalogued, or one newer still."""
    locations = {each.values: each.location.rstrip("/") for each in found.partitions}
    newest: dict[Values, Expected] = {}
    shown: dict[Values, Expected] = {}
    for each in expected:
        if each.curated.mode != "snapshot":
            continue
        values = tuple(each.curated.partition.values())
        if each.cataloged and (values not in newest or newest[values].order < each.order):
            newest[values] = each
        if locations.get(values) == each.curated.location.rstrip("/"):
            shown[values] = each
    for values, due in newest.items():
        if values not in shown or shown[values].order < due.order:
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
    present = {item.key: item for item in found.objects.get(values, ())}.get(key)
    if values not in found.objects:
        if each.cataloged:
            yield fault(Code.NOT_REGISTERED, f"the partition {'/'.join(values)} is not registered")
        return
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
    types = dict(found.table.columns)
    differing = sorted(name for name, kind in content.columns.items() if types.get(name) != kind)
    if differing:
        yield fault(Code.COLUMNS_DIFFER, f"the table lacks or types otherwise: {', '.join(differing)}")


def _address(found: Registered, values: Values, item: Listed) -> str:
    location = next(each.location for each in found.partitions if each.values == values)
    return f"s3://{place_of(location)[0]}/{item.key}"
