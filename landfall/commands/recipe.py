"""``landfall recipe``: which recipes there are, whether they are right, and what one would do to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from landfall import console
from landfall.commands.recipe_upgrade import upgrade
from landfall.commands.recipe_view import checked, listed, show_checked, show_listed
from landfall.recipes.linting import Linting, lint
from landfall.recipes.sampling import SampleReport, try_sample
from services.normalizer.errors import NoRecipe
from services.normalizer.recipes import Recipe, RecipeBook, load_recipes
from services.normalizer.settings import BUILT_IN_RECIPES

recipe_app = typer.Typer(help="See, check and try recipes.")
recipe_app.command()(upgrade)
_Folder = Annotated[
    Path, typer.Option(envvar="LANDFALL_RECIPES", help="Folder of the recipes in force.", show_default=False)
]
_Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@recipe_app.command("list")
def list_recipes(recipes: _Folder = BUILT_IN_RECIPES, as_json: _Json = False) -> None:
    """Show the recipes in force: which dataset each makes, of which files, and what leaves of them."""
    book = load_recipes(recipes)
    if as_json:
        console.print_json([listed(recipe) for recipe in book])
    else:
        show_listed(list(book))


@recipe_app.command()
def check(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Recipes, or folders of recipes; by default those in force.",
            exists=True,
        ),
    ] = None,
    sample: Annotated[
        Path | None,
        typer.Option(
            help="A CSV file to try a recipe on: the only one given, or the one that matches its name.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    recipes: _Folder = BUILT_IN_RECIPES,
    as_json: _Json = False,
) -> None:
    """Check recipes, each by itself and all of them together, and say what becomes of every column.

    With --sample, say what would be written, dropped, hashed and invalid of a file, and which rows would be
    rejected why, by counts: no value of it is shown, and nothing of it is kept.

    Exits with 1 if a recipe is wrong or the sample would be refused. What may not be meant is a warning.
    """
    linting = lint(files or [recipes])
    tried = None
    if sample is not None and (recipe := _recipe_for(sample, linting)) is not None:
        tried = try_sample(sample, recipe)
    if as_json:
        console.print_json(checked(linting, tried))
    else:
        show_checked(linting, tried, in_full=bool(files))
    if _is_wrong(linting, tried):
        raise typer.Exit(1)


def _recipe_for(sample: Path, linting: Linting) -> Recipe | None:
    """The recipe to try; None if it can't be told because of what is wrong with the recipes."""
    found = [each.recipe for each in linting.sound]
    if linting.errors:
        return found[0] if len(found) == 1 else None
    if len(found) == 1:
        return found[0]
    matched = RecipeBook(found).match(sample.name)
    if matched is None:
        raise NoRecipe(f"no recipe matches the name '{sample.name}'; give the recipe's file to try it")
    return matched


def _is_wrong(linting: Linting, tried: SampleReport | None) -> bool:
    return bool(linting.errors) or (tried is not None and tried.refused is not None)
