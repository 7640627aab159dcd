"""Waits are bounded."""

from __future__ import annotations

import pytest

from landfall.waiting import wait_until


def test_the_first_answer_ends_the_wait() -> None:
    answers = iter([None, None, "there", "not asked"])
    assert wait_until(lambda: next(answers), within=10, every=0.001) == "there"
    assert next(answers) == "not asked"


def test_false_is_an_answer() -> None:
    assert wait_until(lambda: False, within=0) is False


def test_it_asks_at_least_once_and_then_gives_up() -> None:
    asked: list[None] = []
    with pytest.raises(TimeoutError):
        wait_until(lambda: asked.append(None), within=0)
    assert len(asked) == 1
