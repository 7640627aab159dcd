"""Writes one Parquet object, as Clean Rooms and Athena scan it best, and reads back the account in its
footer.

The same rows always give the same bytes.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import pyarrow as pa
import pyarrow.parquet as pq

from services.normalizer.account import Account
from services.normalizer.errors import AccountMissing
from services.normalizer.gluetypes import glue_columns
from services.normalizer.matchkeys import profile_of, rule_of
from services.normalizer.recipes.fates import Hash, Keep
from services.normalizer.recipes.model import Recipe
from services.normalizer.rowgroups import DICTIONARY_BYTES, REPEATING_TEXT, RowGroups

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Match keys of these hardly repeat within a row group, those of all else (names, places, days) do.
_UNLIKE = ("email", "phone")

_ACCOUNT = "landfall.account"
_RECIPE = "landfall.recipe"
_FINGERPRINT = "landfall.fingerprint"
_PEPPER = "landfall.pepper"
_PROFILES = "landfall.profiles"
_PROFILE_BY_COLUMN = "landfall.column_profiles"
_PROFILE_ID = re.compile(r"([a-z0-9-]+)@(\d+)")


@dataclass(frozen=True, slots=True)
class Footer:
    """What an object tells of itself."""

    account: Account
    recipe: str
    """Name and version."""
    fingerprint: str
    """Of the recipe, and of the pepper where it makes a difference."""
    pepper_version: str | None
    """Of the pepper where it makes a difference."""
    columns: Mapping[str, str]
    """Column name to Glue type, in order."""
    profiles: Mapping[str, str] | None
    """Column of match keys to ``name@version``; None in objects of releases that did not record it."""
    profile_versions: Mapping[str, int]
    """Profile to version; the lower one where columns have different ones."""

    @classmethod
    def of(cls, recipe: Recipe, account: Account, pepper_version: str | None) -> Self:
        """That of an object which the recipe makes under a version of the pepper."""
        used = pepper_version if recipe.has_identifiers else None
        return cls(
            account=account,
            recipe=f"{recipe.dataset}@{recipe.version}",
            fingerprint=recipe.fingerprint_under(used),
            pepper_version=used,
            columns=glue_columns(recipe.arrow_schema),
            profiles=recipe.profile_by_column,
            profile_versions=_versions(", ".join(recipe.profiles)),
        )


class ParquetSink:
    """Writes rows to a write-only stream, which stays open."""

    def __init__(self, sink: BinaryIO, recipe: Recipe, pepper_version: str | None = None) -> None:
        """Begin an object with the recipe's columns."""
        self._recipe = recipe
        self._pepper_version = pepper_version
        self._schema = waiting_schema(recipe)
        self._stream = _Stoppable(sink)
        self._writer = self._writer_to(self._stream)
        self._groups = RowGroups(self._schema, self._write_row_group, self._rehearse)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # The writer writes a footer as soon as it is let go of; it must not make an unfinished object
            # readable.
            self._stream.stop()
            self._writer.close()

    def write(self, rows: pa.RecordBatch) -> None:
        """Add rows."""
        self._groups.add(rows)

    def finish(self, account: Account) -> None:
        """Write what is left, and the footer with the account and what the rows were made by."""
        self._groups.finish()
        footer = Footer.of(self._recipe, account, self._pepper_version)
        self._writer.add_key_value_metadata(
            {
                "landfall.dataset": self._recipe.dataset,
                _RECIPE: footer.recipe,
                _FINGERPRINT: footer.fingerprint,
                _PROFILES: ", ".join(self._recipe.profiles),
                _PROFILE_BY_COLUMN: json.dumps(footer.profiles),
                **({} if footer.pepper_version is None else {_PEPPER: footer.pepper_version}),
                _ACCOUNT: account.to_json(),
            }
        )
        self._writer.close()

    def _writer_to(self, stream: _Stoppable) -> pq.ParquetWriter:
        in_the_clear = [
            name
            for source, fate in self._recipe.used_columns.items()
            if isinstance(fate, Keep)
            for name in fate.output_names(source)
        ]
        repeating = [field.name for field in self._schema if field.type == REPEATING_TEXT]
        return pq.ParquetWriter(
            cast("BinaryIO", stream),
            self._schema,
            compression="snappy",
            use_dictionary=cast("bool", sorted({*in_the_clear, *repeating})),  # the stubs know no list
            dictionary_pagesize_limit=DICTIONARY_BYTES,
            write_statistics=in_the_clear,
            store_schema=False,
        )

    def _write_row_group(self, rows: pa.Table) -> int:
        before = self._stream.tell()
        self._writer.write_table(rows, row_group_size=max(1, rows.num_rows))
        return self._stream.tell() - before

    def _rehearse(self, rows: pa.Table) -> int:
        nowhere = _Stoppable(None)
        with self._writer_to(nowhere) as writer:
            writer.write_table(rows, row_group_size=max(1, rows.num_rows))
        return nowhere.tell()


def waiting_schema(recipe: Recipe) -> pa.Schema:
    """The recipe's columns as rows wait for a row group: with those marked whose texts repeat.

    In the file these are texts like others.
    """
    schema = recipe.arrow_schema
    for source, fate in recipe.used_columns.items():
        for name, repeats in zip(fate.output_names(source), _repeats(fate), strict=True):
            if repeats:
                at = schema.get_field_index(name)
                schema = schema.set(at, pa.field(name, REPEATING_TEXT))
    return schema


def _repeats(fate: Keep | Hash) -> tuple[bool, ...]:
    if isinstance(fate, Keep):
        return (fate.type in {"string", "url"},)
    if fate.is_identifier:
        return (False,)
    return tuple(
        not any(rule_of(profile, fate.hash) is profile_of(profile).rules.get(field) for field in _UNLIKE)
        for profile in fate.written_profiles
    )


def read_footer(source: BinaryIO) -> Footer:
    """What stands in the footer of an object that the normalizer wrote.

    Raises:
        AccountMissing: there is no account in it, or it is not the normalizer's.
    """
    try:
        footer = pq.read_metadata(source)
        told = {key.decode(): value.decode() for key, value in (footer.metadata or {}).items()}
        return Footer(
            account=Account.from_json(told[_ACCOUNT]),
            recipe=told[_RECIPE],
            fingerprint=told[_FINGERPRINT],
            pepper_version=told.get(_PEPPER),
            columns=glue_columns(footer.schema.to_arrow_schema()),
            profiles=json.loads(told[_PROFILE_BY_COLUMN]) if _PROFILE_BY_COLUMN in told else None,
            profile_versions=_versions(told.get(_PROFILES, "")),
        )
    except (KeyError, ValueError, TypeError):
        raise AccountMissing("the object has no row account in its footer") from None


def _versions(profiles: str) -> dict[str, int]:
    """The versions that a list of profiles names; where one has several, the lowest."""
    found = sorted(((name, int(version)) for name, version in _PROFILE_ID.findall(profiles)), reverse=True)
    return dict(found)


class _Stoppable(io.RawIOBase):
    """A sink that can be made to swallow what is still written to it. Closing it leaves the sink open."""

    def __init__(self, sink: BinaryIO | None) -> None:
        """Begin; without a sink only what would be written is counted."""
        self._sink = sink
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        size = memoryview(data).nbytes
        if self._sink is not None:
            self._sink.write(data)
        self._written += size
        return size

    def tell(self) -> int:
        return self._written

    def stop(self) -> None:
        """Write nothing more."""
        self._sink = None
