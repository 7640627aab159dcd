"""Recipes: which files make up a dataset, and what becomes of each of their columns."""

from services.normalizer.recipes.loading import load_recipe, load_recipes
from services.normalizer.recipes.matching import RecipeBook
from services.normalizer.recipes.model import Recipe

__all__ = ["Recipe", "RecipeBook", "load_recipe", "load_recipes"]
