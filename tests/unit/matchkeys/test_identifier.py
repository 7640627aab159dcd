"""Identifiers that are no declared match keys: trimmed, hashed, under a pepper where there is one."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.matchkeys import PepperEmpty, identifier_key, identifier_keys
from services.normalizer.matchkeys.text import NOTHING


def test_only_white_space_around_an_identifier_is_removed() -> None:
    assert identifier_key(" Jane@Example.com\t") == hashlib.sha256(b"Jane@Example.com").hexdigest()


@pytest.mark.parametrize("value", [None, "", " \u00a0", "key\ufffd", "\udc80", "nan", " NULL ", "n/A", "\\N"])
@pytest.mark.parametrize("pepper", [None, b"pepper"])
def test_nothing_has_no_key(value: str | None, pepper: bytes | None) -> None:
    assert identifier_key(value, pepper) is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufffd")), st.binary(min_size=1, max_size=80))
def test_a_pepper_makes_it_hmac_sha_256(value: str, pepper: bytes) -> None:
    text = value.strip()
    expected = (
        hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest()
        if text and text.lower() not in NOTHING
        else None
    )
    assert identifier_key(value, pepper) == expected


def test_an_empty_pepper_is_refused() -> None:
    with pytest.raises(PepperEmpty):
        identifier_keys(["a"], b"")


def test_many_values_keep_their_order() -> None:
    assert identifier_keys(["b", None, "a"]) == [identifier_key("b"), None, identifier_key("a")]
