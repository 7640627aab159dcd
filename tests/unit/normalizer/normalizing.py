"""Runs the engine on bytes in memory and keeps all that it gives."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet as pq

from services.normalizer.account import Account
from services.normalizer.crew.crew import Crew
from services.normalizer.engine import PIECE_BYTES, normalize
from services.normalizer.pepper import Pepper
from services.normalizer.recipes.loading import parse_recipe
from services.normalizer.recipes.model import Recipe
from services.normalizer.rejects import DEFAULT_QUARANTINE, QuarantineLimit


@dataclass
class Rejects:
    """Rejected records: number, reason, raw bytes."""

    records: list[tuple[int, str, bytes]] = field(default_factory=list)

    def reject(self, record: int, reason: str, raw: bytes) -> None:
        self.records.append((record, reason, raw))


@dataclass(frozen=True)
class Outcome:
    """What one run gave."""

    account: Account
    rejects: list[tuple[int, str, bytes]]
    parquet: bytes

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(self.parquet)).to_pylist()
        return rows

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


class WriteOnly:
    """A sink with nothing but what an upload offers: no reading, no seeking."""

    def __init__(self) -> None:
        self.content = bytearray()
        self.closed = False

    def write(self, data: bytes) -> int:
        self.content += data
        return len(data)

    def flush(self) -> None:
        pass

    def tell(self) -> int:
        return len(self.content)

    def close(self) -> None:
        self.closed = True


class ForwardOnly:
    """A source with nothing but reads, which may return less than was asked for."""

    def __init__(self, content: bytes, at_most: int = 1 << 30) -> None:
        self._rest = memoryview(content)
        self._at_most = at_most

    def read(self, size: int) -> bytes:
        size = min(size, self._at_most)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return bytes(piece)


def recipe_of(columns: str, **more: str) -> Recipe:
    """A recipe with the YAML of its columns, a line each, and of anything else."""
    keys = {"dataset": "things", "version": "1", "mode": "append", "match": "[things]", **more}
    head = "\n".join(f"{key}: {value}" for key, value in keys.items())
    body = "\n".join(f"  {line.strip()}" for line in columns.strip().splitlines())
    return parse_recipe(f"{head}\ncolumns:\n{body}\n", "test")


def run(
    content: bytes | str,
    recipe: Recipe,
    *,
    at_most: int = 1 << 30,
    pepper: bytes | None = None,
    crew: Crew | None = None,
    piece_bytes: int = PIECE_BYTES,
    rejects: Rejects | None = None,
    source: ForwardOnly | None = None,
    source_bytes: int | None = None,
    quarantine: QuarantineLimit = DEFAULT_QUARANTINE,
) -> Outcome:
    """Normalise the content; rejects that were kept before an error are in ``rejects``."""
    data = content.encode() if isinstance(content, str) else content
    sink, kept = WriteOnly(), Rejects() if rejects is None else rejects
    account = normalize(
        source or ForwardOnly(data, at_most),  # type: ignore[arg-type]  # all that a source has to offer
        recipe,
        sink,  # type: ignore[arg-type]  # all that a sink has to offer
        kept,
        member="things.csv",
        pepper=None if pepper is None else Pepper(pepper, "pepper-v1"),
        crew=crew or Crew(),
        piece_bytes=piece_bytes,
        source_bytes=source_bytes,
        quarantine=quarantine,
    )
    return Outcome(account, kept.records, bytes(sink.content))
