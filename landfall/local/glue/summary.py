"""What a crawl did to the catalog, as ListCrawls reports it."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Literal

Kind = Literal["TABLE", "PARTITION"]
Action = Literal["ADD", "UPDATE", "DELETE"]


class Summary:
    """Counts and names of tables and partitions, by what was done to them."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def note(self, kind: Kind, action: Action, name: str) -> None:
        """Something of this kind, and what was done to it."""
        self._names[kind][action].append(name)

    def count(self, kind: Kind, action: Action) -> int:
        """How many there were."""
        return len(self._names[kind][action])

    def text(self) -> str:
        """The JSON text of the ``Summary`` field; empty when nothing changed."""
        if not self._names:
            return ""
        return json.dumps(
            {
                kind: {
                    action: {"Count": len(names), "Details": {"names": sorted(names)}}
                    for action, names in actions.items()
                    if names
                }
                for kind, actions in self._names.items()
            }
        )
