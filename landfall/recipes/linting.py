"""Recipes as they stand in their files: whether each is one, what is doubtful in it, and which get in each
other's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.normalizer.errors import RecipeInvalid
from services.normalizer.recipes import Recipe, RecipeBook, load_recipe
from services.normalizer.recipes.lint import ColumnReport, describe, notes, warnings
from services.normalizer.recipes.loading import Positions


@dataclass(frozen=True, slots=True)
class Linted:
    """One recipe that can be used."""

    path: Path
    recipe: Recipe
    columns: Sequence[ColumnReport]
    warnings: Sequence[str]
    """A line each: file, line, column and what may not be meant."""
    notes: Sequence[str]
    """A line each: file, line and what is worth knowing."""


@dataclass(frozen=True, slots=True)
class Linting:
    """All recipes that were looked at."""

    sound: Sequence[Linted]
    errors: Sequence[str]
    """A line each: file, line and what is wrong there."""

    @property
    def recipes(self) -> Mapping[Path, Recipe]:
        """Those that can be used, by their files."""
        return {each.path: each.recipe for each in self.sound}


def lint(paths: Iterable[Path]) -> Linting:
    """Look at every recipe by itself and at all of them together.

    Args:
        paths: files, or folders of which every ``*.yaml`` is one, as the normalizer takes it.
    """
    sound: list[Linted] = []
    errors: list[str] = []
    for path in _files(paths):
        try:
            recipe = load_recipe(path)
        except RecipeInvalid as error:
            errors += error.message.splitlines()
        else:
            positions = Positions(path)
            sound.append(
                Linted(
                    path,
                    recipe,
                    describe(recipe),
                    _warnings(positions, recipe),
                    [f"{positions.of('columns')}: {note}" for note in notes(recipe)],
                )
            )
    return Linting(sound, [*errors, *_conflicts(sound)])


def _files(paths: Iterable[Path]) -> list[Path]:
    found = [file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def _warnings(positions: Positions, recipe: Recipe) -> list[str]:
    return [
        f"{positions.of('columns', doubt.source)}: {doubt.source}: {doubt.text}" for doubt in warnings(recipe)
    ]


def _conflicts(sound: Sequence[Linted]) -> list[str]:
    """Every two recipes that want the same dataset or the same files, told where the later one says so."""
    errors = []
    for number, later in enumerate(sound):
        for earlier in sound[:number]:
            try:
                RecipeBook((earlier.recipe, later.recipe))
            except RecipeInvalid as error:
                same = earlier.recipe.dataset == later.recipe.dataset
                where = Positions(later.path).of("dataset" if same else "match")
                errors.append(f"{where}: {error.message} (the other is {earlier.path})")
    return errors
