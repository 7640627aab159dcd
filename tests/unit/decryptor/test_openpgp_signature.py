"""The line ends that a signature of text may be one of."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.decryptor.formats.openpgp_signature import (
    CanonicalText,
    Transform,
    line_ends_as_crlf,
    line_feeds_as_crlf,
)

LINES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"ab"]), max_size=30).map(b"".join)


@given(text=LINES)
def test_line_feeds_get_a_carriage_return_where_they_have_none(text: bytes) -> None:
    assert line_feeds_as_crlf(text) == re.sub(rb"(?<!\r)\n", b"\r\n", text)


@given(text=LINES)
def test_every_line_end_becomes_cr_lf(text: bytes) -> None:
    assert line_ends_as_crlf(text) == re.sub(rb"\r\n|\r|\n", b"\r\n", text)


@pytest.mark.parametrize("transform", [line_feeds_as_crlf, line_ends_as_crlf])
@given(pieces=st.lists(LINES, max_size=5))
def test_it_does_not_matter_where_the_text_is_cut(transform: Transform, pieces: list[bytes]) -> None:
    text = CanonicalText(transform)
    assert b"".join([*map(text.feed, pieces), text.finish()]) == transform(b"".join(pieces))
