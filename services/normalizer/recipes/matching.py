"""Which recipe a file belongs to, by its name.

Salesforce Marketing Cloud names the files of an extract after their kind, and senders put dates, business
units and folders around that: ``20260131_Extract/Clicks.csv``, ``20260131_Subscribers.csv``,
``Brand-Sent-2026-01-31.csv``.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator

from services.normalizer.csvfile.names import fold
from services.normalizer.errors import RecipeInvalid, UnknownRecipe
from services.normalizer.recipes.model import WILDCARD, Recipe

_EXTENSIONS = re.compile(r"(?:\.(?:csv|txt|tsv|gz|pgp|gpg|asc))+$")
_WORDS = re.compile(r"[^\W\d_]+")


class RecipeBook:
    """The recipes that are in force."""

    def __init__(self, recipes: Iterable[Recipe]) -> None:
        """Take recipes, each of another dataset.

        Raises:
            RecipeInvalid: two want the same dataset or the same files.
        """
        self._by_dataset: dict[str, Recipe] = {}
        self._by_word: dict[str, Recipe] = {}
        self._by_wildcard: dict[str, Recipe] = {}
        for recipe in recipes:
            self._add(self._by_dataset, fold(recipe.dataset), recipe)
            for pattern in recipe.match:
                if WILDCARD.search(pattern):
                    self._add(self._by_wildcard, pattern.lower(), recipe)
                else:
                    self._add(self._by_word, fold(pattern), recipe)

    @staticmethod
    def _add(index: dict[str, Recipe], key: str, recipe: Recipe) -> None:
        other = index.setdefault(key, recipe)
        if other is not recipe:
            raise RecipeInvalid(f"the recipes of '{other.dataset}' and '{recipe.dataset}' both claim '{key}'")

    def __iter__(self) -> Iterator[Recipe]:
        return iter(self._by_dataset.values())

    def __len__(self) -> int:
        return len(self._by_dataset)

    def named(self, dataset: str) -> Recipe:
        """The recipe of a dataset; case and punctuation do not matter.

        Raises:
            UnknownRecipe: there is none.
        """
        recipe = self._by_dataset.get(fold(dataset))
        if recipe is None:
            known = ", ".join(sorted(recipe.dataset for recipe in self))
            raise UnknownRecipe(f"no recipe makes '{dataset}'; the datasets are {known}")
        return recipe

    def match(self, member_name: str) -> Recipe | None:
        """The recipe for a file, or None if there is none or several fit equally well.

        Folders, letter case, the usual extensions, digits and punctuation of the name do not matter. A
        recipe's word must stand in the name as one or several whole words (``not_sent`` is ``notsent``, and
        not ``sent``); a pattern with wildcards must fit all of it. The one that says most about the name,
        in letters, decides.
        """
        name = member_name.replace("\\", "/").rpartition("/")[2].lower()
        claims: dict[int, list[Recipe]] = {}
        for words in self._by_word.keys() & _runs_of_words(name):
            claims.setdefault(len(words), []).append(self._by_word[words])
        for pattern, recipe in self._by_wildcard.items():
            if fnmatch.fnmatchcase(name, pattern):
                claims.setdefault(len(fold(pattern)), []).append(recipe)
        strongest = claims[max(claims)] if claims else []
        datasets = {recipe.dataset for recipe in strongest}
        return strongest[0] if len(datasets) == 1 else None


def _runs_of_words(name: str) -> set[str]:
    words = _WORDS.findall(_EXTENSIONS.sub("", name))
    return {"".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
