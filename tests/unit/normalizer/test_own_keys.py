"""No kept text shows a key of its own row."""

from __future__ import annotations

import pytest

from tests.unit.normalizer.normalizing import Outcome, recipe_of, run

RECIPE = recipe_of("""
    Key: {hash: identifier, required: true}
    Phone: {hash: phone, default_country: US}
    URL: url
    Alias: string
""")


def texts(*rows: str) -> Outcome:
    return run("\n".join(["Key,Phone,URL,Alias", *rows]), RECIPE)


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/p/0035500Abc",
        "https://x.example/p/0035500aBC/edit",
        "https://x.example/%30035500Abc",
    ],
)
def test_a_url_with_the_rows_key_is_withheld_and_counted(url: str) -> None:
    outcome = texts(f"0035500Abc,,{url},", "other,,https://x.example/p/shoes,")

    assert outcome.column("url") == [None, "https://x.example/p/shoes"]
    assert outcome.account.suppressed_by_column == {"url": 1}


def test_text_with_a_key_of_several_words_or_a_phone_is_withheld() -> None:
    outcome = texts("SK-12345,,,hello sk-12345!", "other,(650) 253-0000,,call (650) 253-0000")

    assert outcome.column("alias") == [None, None]


def test_another_rows_key_a_part_of_the_key_and_short_keys_are_no_reason() -> None:
    rows = [
        "shoes,,https://x.example/hats,",
        "0035-abc,,https://x.example/shoes/0035,",
        "abc,,https://x.example/abc,",
    ]

    assert None not in texts(*rows).column("url")
