"""Verifying one dataset: gather what the three sources say, compare, and tell what that rests on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from landfall.deployment import Deployment
from landfall.errors import OperatorError
from landfall.operating.states import recorded_days
from landfall.verifying.athena import Athena
from landfall.verifying.comparing import Counted, compare
from landfall.verifying.counting import count_rows, first_rows
from landfall.verifying.expected import Expected, expected_objects
from landfall.verifying.registered import Registered, registered
from landfall.verifying.report import Code, Compared, Discrepancy, EngineAnswer, Sample, Verification
from services.cataloger.gluecatalog import GlueCatalog
from services.cataloger.tie_breaker import TieBreaker
from services.cataloger.ties import Ties
from shared.aws.clients import Clients
from shared.objects.store import ObjectStore

_NOTHING = Sample(columns=(), rows=())


@dataclass(frozen=True, slots=True)
class Scope:
    """What to verify: a dataset, of files that landed on ``since`` or later (None: of all).

    ``athena`` is the engine to ask as well, or why it is not asked.
    """

    deployment: Deployment
    dataset: str
    since: date | None
    athena: Athena | str

    @property
    def home(self) -> str:
        """The dataset's folder, where its table must lie."""
        return f"s3://{self.deployment.curated_bucket}/{self.dataset}/"


@dataclass(frozen=True, slots=True)
class _Sources:
    """What each source says."""

    found: Registered
    expected: Sequence[Expected]
    counted: dict[str, Counted | None]
    sample: Sample
    ties: Ties


async def verify(scope: Scope) -> Verification:
    """Compare everything.

    Raises:
        OperatorError: nothing is known of such a dataset, or Athena failed.
    """
    async with Clients() as clients:
        store = ObjectStore(await clients.s3())
        catalog = GlueCatalog(await clients.glue(), scope.deployment.database)
        expected = await _expected(store, scope)
        found = await registered(catalog, store, scope.dataset, scope.since)
        if found is None:
            return _without_table(scope, expected)
        keys = sorted({key for items in found.objects.values() for key in items})
        counted = await count_rows(store, scope.deployment.curated_bucket, keys)
        sample = await _sample(store, scope, keys, counted)
        orders = {each.order for each in expected if each.curated.mode == "snapshot"}
        ties = await TieBreaker(store).among(orders, scope.deployment.ingest_bucket)
    return _told(scope, _Sources(found, expected, counted, sample, ties), _ask_athena(scope, found))


async def _expected(store: ObjectStore, scope: Scope) -> list[Expected]:
    bucket = scope.deployment.ingest_bucket
    days = await recorded_days(store, bucket)
    # A snapshot that landed before still shows, so of these every day counts.
    found = await expected_objects(store, bucket, scope.dataset, days)
    since = scope.since
    if since is None:
        return found
    return [
        each
        for each in found
        if each.curated.mode == "snapshot" or each.curated.partition["ingest_date"] >= f"{since}"
    ]


async def _sample(
    store: ObjectStore, scope: Scope, keys: Sequence[str], counted: dict[str, Counted | None]
) -> Sample:
    """Rows of the last object, by key, that has any."""
    for key in reversed(keys):
        content = counted[key]
        if content is not None and content.rows:
            return await first_rows(store, scope.deployment.curated_bucket, key)
    return _NOTHING


def _ask_athena(scope: Scope, found: Registered) -> EngineAnswer | None:
    if isinstance(scope.athena, str):
        return None
    by_ingest_date = found.table.keys == ("ingest_date",)
    return scope.athena.ask(scope.deployment.database, scope.dataset, by_ingest_date=by_ingest_date)


def _without_table(scope: Scope, expected: Sequence[Expected]) -> Verification:
    if not expected:
        raise OperatorError(
            f"There is no table {scope.dataset} and no file has rows for it: `landfall status FILE_ID` names "
            "a file's datasets."
        )
    if all(each.held_back for each in expected):
        raise OperatorError(
            f"There is no table {scope.dataset} yet: every snapshot for it was held back (SNAPSHOT_SHRUNK). "
            f"See `landfall status {expected[-1].file_id}`."
        )
    missing = Discrepancy(code=Code.TABLE_MISSING, message="Glue has no table of the dataset")
    return Verification(
        dataset=scope.dataset,
        table=f"{scope.deployment.database}.{scope.dataset}",
        location="",
        verified=False,
        compared=Compared(
            partitions=0,
            objects=0,
            manifests=len({each.file_id for each in expected}),
            rows_by_sql=0,
            rows_by_manifests=sum(each.curated.rows.rows_out for each in expected),
        ),
        rests_on=("the manifests, and the Glue API, which knows no such table",),
        sql=EngineAnswer(rows=0, latest_ingest_date=None, sample=_NOTHING),
        athena=None,
        waiting=_waiting(expected),
        held_back=_held_back(expected, ()),
        discrepancies=(missing,),
    )


def _told(scope: Scope, sources: _Sources, athena: EngineAnswer | None) -> Verification:
    found, expected = sources.found, sources.expected
    discrepancies = [*compare(found, expected, sources.counted, scope.home, sources.ties)]
    rows = sum(content.rows for content in sources.counted.values() if content is not None)
    if athena is not None and scope.since is None and athena.rows != rows:
        text = f"Athena counts {athena.rows:,} rows, SQL over the registered objects {rows:,}"
        discrepancies.append(Discrepancy(code=Code.ATHENA_DIFFERS, message=text))
    shown = [each for each in expected if each.curated.object.key in sources.counted]
    dates = [each.values[0] for each in found.partitions.values() if found.table.keys == ("ingest_date",)]
    return Verification(
        dataset=scope.dataset,
        table=f"{scope.deployment.database}.{scope.dataset}",
        location=found.table.location,
        verified=not discrepancies,
        compared=Compared(
            partitions=len(found.partitions),
            objects=len(sources.counted),
            manifests=len({each.file_id for each in expected}),
            rows_by_sql=rows,
            rows_by_manifests=sum(each.curated.rows.rows_out for each in shown),
        ),
        rests_on=_rests_on(scope),
        sql=EngineAnswer(rows=rows, latest_ingest_date=max(dates, default=None), sample=sources.sample),
        athena=athena,
        waiting=_waiting(expected),
        held_back=_held_back(expected, sources.counted),
        discrepancies=tuple(discrepancies),
    )


def _rests_on(scope: Scope) -> tuple[str, ...]:
    since = f" since {scope.since}" if scope.since else ""
    engine = (
        f"not Athena: {scope.athena}"
        if isinstance(scope.athena, str)
        else "Athena, which reads the whole table by the catalog itself"
    )
    return (
        f"table and partitions{since} by the Glue API",
        "objects by listing exactly the locations that Glue registers",
        "rows by DuckDB, SELECT count(*) of each of those objects",
        f"what they must be by the normalizer's and the cataloger's manifests{since}",
        engine,
    )


def _waiting(expected: Sequence[Expected]) -> tuple[str, ...]:
    waiting = (each for each in expected if not (each.cataloged or each.failed or each.held_back))
    return tuple(sorted({each.file_id for each in waiting}))


def _held_back(expected: Sequence[Expected], shown: Collection[str]) -> tuple[str, ...]:
    """Files whose snapshot is not among the objects that show: another table may show another of theirs."""
    held_back = (each for each in expected if each.held_back and each.curated.object.key not in shown)
    return tuple(sorted({each.file_id for each in held_back}))
