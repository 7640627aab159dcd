"""Which recipe a file belongs to, by its name."""

from __future__ import annotations

import pytest

from services.normalizer.errors import RecipeInvalid, UnknownRecipe
from services.normalizer.recipes import Recipe, RecipeBook
from tests.unit.normalizer.normalizing import recipe_of


def recipe(dataset: str, match: str) -> Recipe:
    return recipe_of("Id: {type: bigint, required: true}", dataset=dataset, match=f"[{match}]")


BOOK = RecipeBook(
    [
        recipe("sent", "sent"),
        recipe("not_sent", "notsent"),
        recipe("lists", "lists"),
        recipe("opens", "opens"),
        recipe("loyalty", '"loyalty_??.csv", "*members*"'),
    ]
)


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("Sent.csv", "sent"),
        ("SENT.CSV", "sent"),
        ("sent", "sent"),
        ("Sent.csv.gz", "sent"),
        ("20260131_Extract/Sent.csv", "sent"),
        ("a\\b\\Sent.csv", "sent"),
        ("20260131_Sent.csv", "sent"),
        ("Sent_2026-01-31.csv", "sent"),
        ("Sent20260131.txt", "sent"),
        ("Brand X - Sent (2).tsv", "sent"),
        ("NotSent.csv", "not_sent"),
        ("Not_Sent_20260131.csv", "not_sent"),
        ("loyalty_DE.csv", "loyalty"),
        ("all members 2026.csv", "loyalty"),
        ("members_sent.csv", "loyalty"),
    ],
)
def test_a_file_is_recognised_by_a_word_or_a_pattern(name: str, dataset: str) -> None:
    matched = BOOK.match(name)

    assert matched is not None
    assert matched.dataset == dataset


@pytest.mark.parametrize(
    "name",
    ["Presents.csv", "Sentiment.csv", "Sent/Other.csv", "loyalty_DEU.csv", "", "2026.csv", "lists_opens.csv"],
)
def test_other_files_and_undecided_ones_have_no_recipe(name: str) -> None:
    assert BOOK.match(name) is None


@pytest.mark.parametrize("name", ["not_sent", "NotSent", "not-sent"])
def test_a_recipe_is_found_by_its_dataset_in_any_spelling(name: str) -> None:
    assert BOOK.named(name).dataset == "not_sent"


def test_an_unknown_dataset_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownRecipe, match=r"'clicks'.* lists, loyalty, not_sent, opens, sent"):
        BOOK.named("clicks")


@pytest.mark.parametrize("other", [recipe("sent", "other"), recipe("other", "sent"), recipe("other", "Sent")])
def test_two_recipes_can_not_claim_the_same(other: Recipe) -> None:
    with pytest.raises(RecipeInvalid, match="both claim"):
        RecipeBook([*BOOK, other])
