"""The demo: a whole extract through the chain on this machine, then a damaged one, each verified."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from pathlib import Path

from landfall import console
from landfall.demo import checks as verify
from landfall.demo.catalog import RegisteredTable, count_by_sql, first_rows, registered_tables
from landfall.demo.checks import Checks
from landfall.demo.extract import Extract, build_extract
from landfall.demo.progress import Watch
from landfall.demo.subscriber import OutcomeSubscriber
from landfall.errors import OperatorError
from landfall.landing import Encryption, encrypted, land
from landfall.operating.dead_letters import held
from landfall.target import Target
from shared.identity import LandedFile
from shared.outcomes import FailureOutcome, SuccessOutcome

_WITHIN = 60.0  # seconds for any one thing to happen
_KEY = "landing/20260131_Extract.zip"
_DAMAGED_KEY = "landing/20260201_Extract.zip"
_SHOWN = ["email_plain", "phone_plain", "last_name_plain", "subscriber_key_hash"]
_SHOWN_CHARS = 16  # of a hash's 64


@dataclass(frozen=True, slots=True)
class Scale:
    """How much the demo makes."""

    subscribers: int = 10_000
    events: int = 100_000
    seed: int = 20260131


class Demo:
    """Runs against a local stack that is up; ``checks`` tells in the end whether everything held."""

    def __init__(self, target: Target, logs: Path, scale: Scale) -> None:
        self._target = target
        self._logs = logs
        self._scale = scale
        self.checks = Checks()

    def run(self) -> bool:
        """Tell the whole story on standard output."""
        _heading("1  An extract, as Salesforce Marketing Cloud makes it")
        extract = self._extract()
        with OutcomeSubscriber(self._target.deployment, f"{self._target.deployment.prefix}-demo") as outcomes:
            _heading("2  It lands, and the chain takes it")
            file = self._land(extract.zip_bytes, _KEY)
            outcome = outcomes.await_outcome(file.file_id, _WITHIN)
            if not isinstance(outcome, SuccessOutcome):
                raise OperatorError(f"The extract failed in {outcome.stage}: {outcome.code}.")
            self._success(file, outcome, outcomes, extract)
            _heading("6  A damaged file")
            self._failure(extract, outcomes)
        _heading("Verified")
        for fact, holds in self.checks.results:
            print(f"  {'ok ' if holds else 'NOT'}  {fact}")
        return self.checks.passed

    def _extract(self) -> Extract:
        scale = self._scale
        extract = build_extract(scale.seed, scale.subscribers, scale.events)
        print(
            f"  {len(extract.csvs)} CSVs, {sum(extract.rows.values()):,} records, "
            f"{len(extract.zip_bytes) / 1e6:.1f} MB zipped; {extract.invalid_emails} invalid e-mails, "
            f"{extract.invalid_phones} invalid phones; one file in UTF-16, one tab-delimited, two header-only"
        )
        return extract

    def _land(self, content: bytes, key: str, *, damage: bool = False) -> LandedFile:
        with encrypted(self._target, io.BytesIO(content), Encryption.ESDK) as sealed:
            if damage:  # as if the transfer had been cut off
                sealed.body.truncate(sealed.body.seek(-1024, io.SEEK_END))
                sealed.body.seek(0)
            put_at = time.monotonic()
            file = land(self._target, sealed, key)
        print(f"  {0:6.2f} s  put to s3://{file.bucket}/{file.key}, encrypted under a KMS key")
        print(f"            file id {file.file_id}")
        Watch(file, put_at).follow(lambda line: print(f"  {line}", flush=True), _WITHIN)
        return file

    def _success(
        self, file: LandedFile, outcome: SuccessOutcome, outcomes: OutcomeSubscriber, extract: Extract
    ) -> None:
        _heading("3  The outcome, as an SNS subscriber received it")
        print(f"  Subject: {outcomes.subjects[file.file_id]}")
        for stage, seconds in outcome.stage_seconds.items():
            print(f"    {stage:<10}{seconds:6.2f} s in work")
        print(f"    landing to outcome {outcome.landing_to_outcome_seconds:.2f} s")
        for notice in outcome.warnings:
            print(f"    {notice.code}  {notice.member}: {notice.message}")

        _heading("4  The tables, by the Glue API and by SQL over exactly the locations it registers")
        tables = registered_tables(self._target.deployment.database)
        counts = count_by_sql(tables)
        _show_tables(tables, counts, outcome)
        people = next((table for table in tables if table.name == "attributes"), None)
        if self.checks.note("there is a table of people's attributes", people is not None) and people:
            print("\nFive rows of attributes, each hash cut to its first characters")
            rows = first_rows(people, _SHOWN, 5)
            console.print_table(_SHOWN, [tuple(f"{cell[:_SHOWN_CHARS]}..." for cell in row) for row in rows])

        _heading("5  The originals, archived")
        for address in outcome.archived[:3]:
            print(f"  {address}")
        print(f"  ... {len(outcome.archived)} objects in all")
        verify.rows_add_up(self.checks, outcome, extract, counts)
        verify.originals_moved(self.checks, file, outcome)
        texts = [*outcomes.texts, *verify.manifest_texts(file.bucket)]
        verify.nothing_leaked(self.checks, extract, tables, texts, self._logs)

    def _failure(self, extract: Extract, outcomes: OutcomeSubscriber) -> None:
        target = self._target
        file = self._land(extract.zip_bytes, _DAMAGED_KEY, damage=True)
        outcome = outcomes.await_outcome(file.file_id, _WITHIN)
        print(f"  Subject: {outcomes.subjects[file.file_id]}")
        if not self.checks.note("the damaged file failed", isinstance(outcome, FailureOutcome)):
            return
        assert isinstance(outcome, FailureOutcome)  # noqa: S101 - noted above
        print(f"    {outcome.message}")
        print(f"    {outcome.advice}")
        with held(target.sqs(), target.deployment.queues) as letters:
            letter = next((each for each in letters if file.file_id in each.file_ids), None)
        if self.checks.note("its message is in the dead-letter queue", letter is not None) and letter:
            print(f"  Dead letter in the {letter.stage} queue: {letter.code}")
        print(f"  To replay it:  {outcome.replay_command}")
        self.checks.note("its original is untouched in landing/", verify.still_in_landing(file))
        rows = verify.curated_objects_of(target.deployment.curated_bucket, file.file_id)
        self.checks.note("it left nothing in the curated bucket", rows == 0)


def _heading(text: str) -> None:
    print(f"\n{text}")


def _show_tables(tables: list[RegisteredTable], counts: dict[str, int], outcome: SuccessOutcome) -> None:
    announced = {each.dataset: each.rows for each in outcome.datasets}
    rows = [
        (
            table.name,
            " ".join(_partition(table, values) for values, _ in table.partitions),
            str(len(table.columns)),
            f"{counts[table.name]:,}",
            f"{announced[table.name].rejected:,}" if table.name in announced else "",
        )
        for table in tables
    ]
    console.print_table(("table", "partition", "columns", "rows", "rejected"), rows)
    sent = next((table for table in tables if table.name == "sent"), None)
    if sent is not None:
        print(f"\nColumns of sent: {', '.join(f'{name} {kind}' for name, kind in sent.columns)}")


def _partition(table: RegisteredTable, values: tuple[str, ...]) -> str:
    return "/".join(f"{key}={value}" for key, value in zip(table.partition_keys, values, strict=True))
