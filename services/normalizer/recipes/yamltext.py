"""Reads YAML as recipes use it: without what the library trips over, and with columns named by text.

Whatever is wrong is a ``yaml.MarkedYAMLError``, which knows its line.
"""

from __future__ import annotations

import yaml
from yaml.constructor import ConstructorError

_DEEPEST = 20  # a recipe needs five
_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """Points at a value that only looks like one of its type, where the library raises what it happens to."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        """What a node stands for."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, LookupError, AttributeError):
            kind = node.tag.rpartition(":")[2]
            raise ConstructorError(
                None, None, f"this is no {kind}, though it looks like one; put it in quotes", node.start_mark
            ) from None


def read_yaml(text: str) -> tuple[yaml.Node | None, object]:
    """The nodes of a document, and what they stand for; None where there is none.

    Raises:
        yaml.MarkedYAMLError: it is not YAML, is nested too deeply, holds itself, or a value is impossible.
        yaml.YAMLError: it is no text.
    """
    _check_nesting(text)
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, None
        _name_columns_by_text(root)
        return root, loader.construct_document(root)
    finally:
        loader.dispose()


def _check_nesting(text: str) -> None:
    """Refuse what would take the library's recursion to its end."""
    anchors: list[str | None] = []
    for event in yaml.parse(text, yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            anchors.append(event.anchor)
            if len(anchors) > _DEEPEST:
                raise _refused(event, "this is nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchors.pop()
        elif isinstance(event, yaml.AliasEvent) and event.anchor in anchors:
            raise _refused(event, f"'*{event.anchor}' holds itself")


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
