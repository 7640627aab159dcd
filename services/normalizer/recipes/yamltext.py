"""Reads YAML as recipes use it: within limits, without what the library trips over, columns named by text.

Whatever is wrong is a ``yaml.MarkedYAMLError``, which knows its line. The limits keep the time and memory of
any text small: an alias stands for all that its anchor holds, so a few lines of nested aliases or merge keys
would otherwise expand without end ("billion laughs").
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml
from yaml.constructor import ConstructorError

MAX_BYTES = 256 * 1024
"""Of a file; a recipe of 1,000 columns has about 50 KB."""
_MAX_LEVELS = 20  # a recipe needs five
_MAX_NODES = 20_000  # aliases expanded; a recipe has about four nodes for each column
_MAX_ALIASES = 50
_MAX_NUMBER = 100  # characters: the time to read a number grows with the square of its length

_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_NUMBERS = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})


@dataclass(slots=True)
class _Extent:
    """How much a node holds, itself included and aliases expanded: its nodes, and its levels."""

    nodes: int = 1
    levels: int = 1

    def add(self, child: _Extent) -> None:
        self.nodes += child.nodes
        self.levels = max(self.levels, child.levels + 1)


class _Loader(yaml.SafeLoader):
    """Composes nodes within the limits, and points at a value that only looks like one of its type."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._total = 0
        self._aliases = 0
        self._open: list[tuple[str | None, _Extent]] = []  # the nodes around the next one, with their anchors
        self._extents: dict[yaml.Node, _Extent] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node, unless it is too much."""
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            return self._resolve(event, parent, index)
        extent = _Extent()
        self._check(event, extent)
        self._open.append((getattr(event, "anchor", None), extent))
        node: yaml.Node | None = super().compose_node(parent, index)
        self._open.pop()
        self._note(node, extent)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        """What a node stands for."""
        kind = node.tag.rpartition(":")[2]
        if node.tag in _NUMBERS and isinstance(node, yaml.ScalarNode) and len(node.value) > _MAX_NUMBER:
            raise ConstructorError(None, None, f"this {kind} is too long", node.start_mark)
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, LookupError, AttributeError):
            raise ConstructorError(
                None, None, f"this is no {kind}, though it looks like one; put it in quotes", node.start_mark
            ) from None

    def _resolve(self, event: yaml.AliasEvent, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if any(anchor == event.anchor for anchor, _ in self._open):
            raise _refused(event, f"'*{event.anchor}' holds itself")
        self._aliases += 1
        if self._aliases > _MAX_ALIASES:
            raise _refused(event, f"there are more than {_MAX_ALIASES} aliases")
        node: yaml.Node | None = super().compose_node(parent, index)
        if node is not None:
            self._check(event, self._extents[node])
            self._note(node, self._extents[node])
        return node

    def _check(self, event: yaml.Event, extent: _Extent) -> None:
        self._total += extent.nodes
        if self._total > _MAX_NODES:
            raise _refused(event, f"there are more than {_MAX_NODES:,} values, aliases expanded")
        if len(self._open) + extent.levels > _MAX_LEVELS:
            raise _refused(event, "this is nested too deeply")

    def _note(self, node: yaml.Node | None, extent: _Extent) -> None:
        if node is not None:
            self._extents[node] = extent
        if self._open:
            self._open[-1][1].add(extent)


def read_yaml(text: str) -> tuple[yaml.Node | None, object]:
    """The nodes of a document, and what they stand for; None where there is none.

    Raises:
        yaml.MarkedYAMLError: it is not YAML, exceeds a limit, holds itself, or a value is impossible.
        yaml.YAMLError: it is no text.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, None
        _name_columns_by_text(root)
        return root, loader.construct_document(root)
    finally:
        loader.dispose()


def _refused(event: yaml.Event, problem: str) -> ConstructorError:
    mark = event.start_mark
    return ConstructorError(None, None, problem, mark if isinstance(mark, yaml.Mark) else None)


def _name_columns_by_text(root: yaml.Node) -> None:
    """``No:`` and ``2026:`` are names of columns, not a boolean and a number."""
    if not isinstance(root, yaml.MappingNode):
        return
    for key, value in root.value:
        if key.value == "columns" and isinstance(value, yaml.MappingNode):
            for name, _ in value.value:
                if isinstance(name, yaml.ScalarNode) and name.tag != _MERGE:
                    name.tag = _TEXT
