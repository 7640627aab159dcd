"""The same job as others would do it. Needs nothing of this project, so that it runs in an environment of its
own: ``polars polars-hash duckdb pandas pyarrow phonenumbers datafusion``.

Arguments: the program, the CSV, the Parquet to write. Prints JSON: wall and CPU seconds.
``datafusion-sha256`` only hashes the cells: it is how fast SHA-256 goes without Python.
"""

# mypy: disable-error-code="import-not-found,import-untyped,no-untyped-call,misc,unused-ignore"

from __future__ import annotations

import csv
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

HASHED = {
    "SubscriberKey": "subscriber_key_hash",
    "EmailAddress": "email_address_plain",
    "SubscriberID": "subscriber_id_hash",
    "FirstName": "first_name_plain",
    "LastName": "last_name_plain",
    "Phone": "phone_plain",
    "City": "city_plain",
    "Zip": "zip_plain",
}
AS_THEY_STAND = ("SubscriberKey", "SubscriberID", "Phone")
DATES = "%m/%d/%Y %I:%M:%S %p"


def sha256(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


@cache
def _phone_library() -> Any:
    import phonenumbers

    return phonenumbers


def phone(text: str, country: str) -> str | None:
    library = _phone_library()
    try:
        number = library.parse(text, country)
    except library.NumberParseException:
        return None
    if not library.is_valid_number(number):
        return None
    written: str = library.format_number(number, library.PhoneNumberFormat.E164)
    return written


def plain_python(source: str, target: str) -> None:
    """The standard library's csv and hashlib, and phonenumbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    made: list[dict[str, object]] = []
    with open(source, encoding="utf-8", newline="") as file:  # noqa: PTH123 (as such programs do)
        for row in csv.DictReader(file):
            out: dict[str, object] = {"client_id": int(row["ClientID"])}
            for name, output in HASHED.items():
                value: str | None = row[name] if name in AS_THEY_STAND else row[name].strip().lower()
                if name == "Phone":
                    value = phone(row[name], row["Country"])
                out[output] = sha256(value)
            out |= {"country": row["Country"], "status": row["Status"]}
            out["date_created"] = datetime.strptime(row["DateCreated"], DATES).replace(tzinfo=UTC)
            made.append(out)
    pq.write_table(pa.Table.from_pylist(made), target)


def pandas(source: str, target: str) -> None:
    """Chunks, ``str`` methods and ``apply``, as published programs do."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer: Any = None
    for rows in pd.read_csv(source, dtype=str, chunksize=100_000):
        rows["Phone"] = rows.apply(lambda row: phone(row["Phone"], row["Country"]), axis=1)
        for name in HASHED:
            values = rows[name] if name in AS_THEY_STAND else rows[name].str.strip().str.lower()
            rows[name] = values.apply(lambda value: sha256(value) if isinstance(value, str) else None)
        rows["ClientID"] = rows["ClientID"].astype("int64")
        rows["DateCreated"] = pd.to_datetime(rows["DateCreated"], format=DATES, utc=True)
        table = pa.Table.from_pandas(rows, preserve_index=False)
        writer = writer or pq.ParquetWriter(target, table.schema)
        writer.write_table(table.cast(writer.schema))
    writer.close()


def polars(source: str, target: str) -> None:
    """Its streaming engine, with SHA-256 by polars-hash."""
    import polars as pl
    import polars_hash as plh

    def phones(pair: Any) -> Any:
        fields = pair.struct.unnest()
        return pl.Series(list(map(phone, fields["Phone"], fields["Country"])), dtype=pl.String)

    def hashed(name: str) -> Any:
        if name == "Phone":
            number = pl.struct("Phone", "Country").map_batches(
                phones, return_dtype=pl.String, is_elementwise=True
            )
            return plh.concat_str(number).chash.sha2_256().alias(name)
        column = plh.col(name)
        text = column if name in AS_THEY_STAND else column.str.strip_chars().str.to_lowercase()
        return plh.concat_str(text).chash.sha2_256().alias(name)

    made = (
        pl.scan_csv(source, infer_schema=False)
        .with_columns(
            pl.col("ClientID").cast(pl.Int64),
            *(hashed(name) for name in HASHED),
            pl.col("DateCreated").str.strptime(pl.Datetime("ms"), DATES, strict=True),
        )
        .select(pl.all())
    )
    made.sink_parquet(target, compression="snappy")


def duckdb(source: str, target: str) -> None:
    """SQL, with a Python function for phones."""
    import duckdb as db

    connection: Any = db.connect()  # the stubs know no plain list of types
    connection.create_function("phone", phone, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling="special")
    columns = ["ClientID::BIGINT"]
    for name in HASHED:
        text = name if name in AS_THEY_STAND else f"lower(trim({name}))"
        columns.append(f"sha256({'phone(Phone, Country)' if name == 'Phone' else text})")
    columns += ["Country", "Status", f"strptime(DateCreated, '{DATES}')"]
    connection.execute(
        f"COPY (SELECT {', '.join(columns)} FROM read_csv('{source}', all_varchar=true)) "
        f"TO '{target}' (FORMAT parquet, COMPRESSION snappy)"
    )


def datafusion_sha256(source: str, _target: str) -> None:
    """Not the job: SHA-256 of the cells alone, timed here by ``measured``."""
    import datafusion

    context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(1))
    cells = _cells(source)
    context.register_record_batches("cells", [cells])
    global measured
    used, began = time.process_time(), time.perf_counter()
    for batch in context.sql("SELECT encode(digest(cell, 'sha256'), 'hex') FROM cells").execute_stream():
        del batch
    measured = (time.process_time() - used, time.perf_counter() - began)


def _cells(source: str) -> list[Any]:
    import pyarrow as pa
    import pyarrow.csv as pacsv

    types = dict.fromkeys(HASHED, pa.string())
    table = pacsv.read_csv(source, convert_options=pacsv.ConvertOptions(column_types=types))
    chunks: Iterable[Any] = (chunk for name in HASHED for chunk in table.column(name).chunks)
    return [pa.record_batch([chunk], ["cell"]) for chunk in chunks]


PROGRAMS: dict[str, Callable[[str, str], None]] = {
    "python": plain_python,
    "pandas": pandas,
    "polars": polars,
    "duckdb": duckdb,
    "datafusion-sha256": datafusion_sha256,
}
measured: tuple[float, float] | None = None

if __name__ == "__main__":
    began, used = time.perf_counter(), time.process_time()
    PROGRAMS[sys.argv[1]](sys.argv[2], sys.argv[3])
    cpu, wall = measured or (time.process_time() - used, time.perf_counter() - began)
    print(json.dumps({"cpu": cpu, "wall": wall}))
