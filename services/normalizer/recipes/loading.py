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
from services.normalizer.recipes.yamltext import read_yaml

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
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RecipeInvalid(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RecipeInvalid(f"{path}: this is not UTF-8 text") from None
    return parse_recipe(text, str(path))


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
            raise RecipeInvalid(f"{origin}:{_line(twice)}: '{twice.value}' stands twice in the same mapping")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = ", ".join(filter(None, (error.context, error.problem)))
        raise RecipeInvalid(f"{origin}:{line}: {what}") from None
    except yaml.YAMLError:
        raise RecipeInvalid(f"{origin}: this is not YAML") from None
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        faults = [
            _fault(root, origin, place, text) for fault in error.errors() for place, text in _placed(fault)
        ]
        raise RecipeInvalid("\n".join(faults)) from None


def locate(path: Path, *keys: str) -> str:
    """Where a recipe that was loaded says something, as ``file:line``; the line of the last key it has."""
    node, line = yaml.compose(path.read_text(encoding="utf-8"), yaml.SafeLoader), 1
    for wanted in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next(((key, value) for key, value in pairs if key.value == wanted), None)
        if found is None:
            break
        line, node = _line(found[0]), found[1]
    return f"{path}:{line}"


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
    return f"{origin}:{_line(node)}: {where}{text}"


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
