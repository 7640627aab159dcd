"""The files and the recipes of the model."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HEADER = "SendID,BatchID,SubscriberKey"
_FIRST = {"Sent.csv": 0, "Clicks.csv": 100}  # the BatchID of each member's first row
_MEMBERS = tuple(_FIRST)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file holds: ``rejects`` bad rows a member; ``fails`` is the code with which it must fail."""

    name: str
    members: tuple[str, ...]
    rejects: int = 0
    fails: str | None = None

    def make(self, marker: int) -> bytes:
        """The file's bytes; each row's SendID is the marker."""
        members = {name: _csv(marker, _FIRST[name], self.rejects) for name in self.members}
        if len(members) == 1:
            return next(iter(members.values()))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, body in members.items():
                archive.writestr(zipfile.ZipInfo(name), body)
        return packed.getvalue()

    def rows(self, marker: int, members: Collection[str]) -> Iterator[tuple[object, ...]]:
        """SendID and BatchID of every row of those members."""
        for name in set(self.members) & set(members):
            yield from ((marker, n) for n in range(_FIRST[name], _FIRST[name] + 3))


KINDS = (
    Kind("Sent.csv", _MEMBERS[:1]),
    Kind("Extract.zip", _MEMBERS, rejects=1),
    Kind("bad/Sent.csv", _MEMBERS[:1], rejects=3, fails="TOO_MANY_BAD_ROWS"),
)


def _csv(marker: int, first: int, rejects: int) -> bytes:
    lines = [_HEADER, *(f"{marker},{n},k{n}" for n in range(first, first + 3))]
    return "\r\n".join([*lines, *["too,few"] * rejects, ""]).encode()


def _recipes(more: str = "", **datasets: str) -> Callable[[], Path]:
    """A folder of recipes: which dataset each kind of member goes to, perhaps with one more column."""

    @cache
    def folder() -> Path:
        made = Path(tempfile.mkdtemp(prefix="landfall-recipes-"))
        for match, dataset in datasets.items():
            (made / f"{dataset}.yaml").write_text(
                f"dataset: {dataset}\n"
                "version: 1\n"
                "mode: append\n"
                "description: A dataset of the model.\n"
                f"match: [{match}]\n"
                "max_rejected: 0.3\n"
                "columns:\n"
                "  SendID: {type: bigint, required: true}\n"
                "  BatchID: bigint\n"
                "  SubscriberKey: {hash: identifier}\n" + more,
                encoding="utf-8",
            )
        return made

    return folder


RECIPES = (
    _recipes(sent="sent", clicks="clicks"),
    _recipes(sent="sent_moved", clicks="clicks"),  # one member goes to another dataset
    _recipes(sent="sent"),  # one member goes nowhere
    _recipes("  SubscriberID: bigint\n", sent="sent", clicks="clicks"),  # a column that no file has
)
