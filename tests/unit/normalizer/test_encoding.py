"""Encodings: found out by their marks and patterns, or stated; damage stays where it is."""

from __future__ import annotations

import codecs

import pytest

from services.normalizer.errors import UnsupportedEncoding
from tests.unit.normalizer.normalizing import recipe_of, run

COLUMNS = "Id: {type: bigint, required: true}\nText: string"
RECIPE = recipe_of(COLUMNS, max_rejected="1")
TEXT = "Id,Text\n1,Zoë 😀\n2,Łódź\n"


@pytest.mark.parametrize(
    ("mark", "codec", "encoding"),
    [
        (b"", "utf-8", "utf-8"),
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
        (b"", "utf-16-le", "utf-16-le"),
        (b"", "utf-16-be", "utf-16-be"),
    ],
)
def test_an_encoding_is_found_out_with_and_without_a_mark(mark: bytes, codec: str, encoding: str) -> None:
    outcome = run(mark + TEXT.encode(codec), RECIPE)

    assert (outcome.column("text"), outcome.account.encoding) == (["Zoë 😀", "Łódź"], encoding)


@pytest.mark.parametrize(
    ("encoding", "text"), [("cp1252", "Zoë – “x”"), ("iso-8859-1", "Zoë"), ("iso-8859-15", "10 €")]
)
def test_an_encoding_without_a_mark_can_be_stated(encoding: str, text: str) -> None:
    recipe = recipe_of(COLUMNS, encoding=encoding)

    assert run(f"Id,Text\n1,{text}\n".encode(encoding), recipe).column("text") == [text]


def test_a_byte_order_mark_is_believed_before_what_is_stated() -> None:
    recipe = recipe_of(COLUMNS, encoding="cp1252")

    assert run(codecs.BOM_UTF8 + TEXT.encode(), recipe).column("text") == ["Zoë 😀", "Łódź"]


@pytest.mark.parametrize(
    ("mark", "codec"), [(codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")]
)
def test_utf_32_is_refused_by_its_mark(mark: bytes, codec: str) -> None:
    with pytest.raises(UnsupportedEncoding, match=r"things\.csv: .* UTF-32"):
        run(mark + TEXT.encode(codec), RECIPE)


def test_a_byte_without_a_character_damages_its_row_alone() -> None:
    recipe = recipe_of(COLUMNS, encoding="cp1252", max_rejected="1")

    outcome = run(b"Id,Text\n1,a\x81\n2,b\n", recipe)

    assert (outcome.column("id"), outcome.rejects) == ([2], [(2, "bad_encoding", b"1,a\x81")])


def test_half_a_surrogate_pair_in_utf_16_damages_its_row_alone() -> None:
    content = "Id,Text\n1,a".encode("utf-16-le") + b"\x3d\xd8" + "b\n2,c\n".encode("utf-16-le")

    outcome = run(content, RECIPE)

    assert (outcome.column("id"), [reject[:2] for reject in outcome.rejects]) == ([2], [(2, "bad_encoding")])


def test_half_a_character_at_the_end_of_utf_16_damages_the_last_row() -> None:
    outcome = run("Id,Text\n1,a\n2,b".encode("utf-16-le") + b"c", RECIPE)

    assert (outcome.column("id"), [reject[:2] for reject in outcome.rejects]) == ([1], [(3, "bad_encoding")])


def test_rejected_rows_of_utf_16_are_kept_as_utf_8() -> None:
    assert run("Id,Text\nZoë\n".encode("utf-16"), RECIPE).rejects == [(2, "ragged", "Zoë".encode())]
