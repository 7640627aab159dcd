"""Reads recipes from YAML; whatever is wrong with one is reported with its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.normalizer.errors import RecipeInvalid
from services.normalizer.recipes.coherence import Incoherent
from services.normalizer.recipes.fates import KINDS
from services.normalizer.recipes.matching import RecipeBook
from services.normalizer.recipes.model import Recipe
from services.normalizer.recipes.yamltext import MAX_BYTES, read_yaml

_MAX_FAULTS = 100  # that are listed, the first ones
_MAX_FAULT_LENGTH = 500  # characters: a fault may repeat a value of any length

# Of pydantic's messages, by type, those that speak of Python rather than of YAML.
_WORDS = {
    "string_type": "this must be a text; put it in quotes",
    "tuple_type": "this must be a list",
    "dict_type": "this must be a mapping (`key: value`)",
    "model_type": "this must be a mapping (`key: value`)",
    "missing": "this must be given",
    "too_short": "this must not be empty",
    "extra_forbidden": "there is no such key here",
}


def load_recipes(directory: Path) -> RecipeBook:
    """Load every ``*.yaml`` that stands directly in a directory (templates/ below it is left alone).

    Raises:
        RecipeInvalid: there is none, one is wrong, or two want the same dataset or files.
    """
    paths = sorted(directory.glob("*.yaml"))
    if not paths:
        raise RecipeInvalid(f"there is no recipe (*.yaml) in {directory}")
    return RecipeBook([load_recipe(path) for path in paths])


def load_recipe(path: Path) -> Recipe:
    """Load one recipe.

    Raises:
        RecipeInvalid: the file can't be read, is not YAML, or is no recipe. The message has a line for each
        fault.
    """
    return parse_recipe(_read_text(path), str(path))


def parse_recipe(text: str, origin: str) -> Recipe:
    """Read a recipe from YAML text.

    Args:
        origin: what messages call the text.

    Raises:
        RecipeInvalid: see ``load_recipe``.
    """
    try:
        root, content = read_yaml(text)
        if root is None:
            raise RecipeInvalid(f"{origin}: the file is empty")
        if twice := next(_repeated_keys(root), None):
            raise RecipeInvalid(
                f"{origin}:{_line(twice)}: '{_shortened(twice.value)}' stands twice in the same mapping"
            )
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = ", ".join(filter(None, (error.context, error.problem)))
        raise RecipeInvalid(f"{origin}:{line}: {_shortened(what)}") from None
    except yaml.YAMLError:
        raise RecipeInvalid(f"{origin}: this is not YAML") from None
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        places = [each for fault in error.errors() for each in _placed(fault)]
        faults = [_fault(root, origin, place, text) for place, text in places[:_MAX_FAULTS]]
        if len(places) > _MAX_FAULTS:
            faults.append(f"{origin}: {len(places) - _MAX_FAULTS:,} more faults")
        raise RecipeInvalid("\n".join(faults)) from None


class Positions:
    """Where a recipe that was loaded says something, as ``file:line``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root, _ = read_yaml(_read_text(path))
        self._children: dict[yaml.Node, dict[str, tuple[yaml.Node, yaml.Node]]] = {}

    def of(self, *keys: str) -> str:
        """The line of the last of these nested keys that there is."""
        node, line = self._root, 1
        for wanted in keys:
            if not isinstance(node, yaml.MappingNode):
                break
            if node not in self._children:
                self._children[node] = {str(key.value): (key, value) for key, value in node.value}
            if (found := self._children[node].get(wanted)) is None:
                break
            line, node = _line(found[0]), found[1]
        return f"{self._path}:{line}"


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecipeInvalid(f"{path}: {error.strerror}") from None
    if len(body) > MAX_BYTES:
        raise RecipeInvalid(f"{path}: this is larger than {MAX_BYTES // 1024} KiB")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise RecipeInvalid(f"{path}: this is not UTF-8 text") from None


def _placed(fault: ErrorDetails) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """What is wrong in the words of a recipe's writer, and where."""
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, Incoherent):
        yield from ((found.place, found.text) for found in cause.faults)
        return
    text = _WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    place = fault["loc"]
    if place[:1] == ("columns",):  # pydantic also names the kind of fate it tried, and keys as such
        place = (*place[:2], *(part for part in place[2:3] if part not in {*KINDS, "[key]"}), *place[3:])
    yield place, text


def _fault(root: yaml.Node, origin: str, place: tuple[int | str, ...], text: str) -> str:
    node = root
    for part in place:
        node = _child(node, part) or node
    where = f"{'.'.join(map(str, place))}: " if place else ""
    return f"{origin}:{_line(node)}: {_shortened(where + text)}"


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_FAULT_LENGTH else f"{text[:_MAX_FAULT_LENGTH]} …"


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if str(key.value) == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: yaml.Node = node.value[part]
        return child
    return None


def _repeated_keys(node: yaml.Node) -> Iterator[yaml.Node]:
    """Keys that YAML would let a later one override in silence."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                yield key
            seen.add(str(key.value))
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
