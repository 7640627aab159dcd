"""Every error of the decryptor can be told from every other, and says what to do."""

from __future__ import annotations

import pytest

from services.decryptor import encryption_errors, errors
from shared.errors import LandfallError

CLASSES = sorted(
    {
        each
        for module in (errors, encryption_errors)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, LandfallError) and hasattr(each, "code")
    },
    key=lambda each: each.__name__,
)


def test_codes_are_unique() -> None:
    codes = [each.code for each in CLASSES]
    assert len(set(codes)) == len(codes) > 20


@pytest.mark.parametrize("each", CLASSES, ids=lambda each: each.code)
def test_the_advice_is_a_sentence(each: type[LandfallError]) -> None:
    assert each.advice[0].isupper()
    assert each.advice.endswith(".")
