"""Whatever a file looks like, the fast reading equals a plain one, wherever it is cut."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.normalizer.csvfile import pieces, scanner
from tests.unit.normalizer.normalizing import Outcome, recipe_of, run
from tests.unit.normalizer.reference_reader import Read, read_records

HEADER = b"one,two"
RECIPE = recipe_of("One: {type: string, required: true}\nTwo: string", max_rejected="1")

SOUND = st.sampled_from([b"a", b"b c", b"\xc3\xa9", b",", b",", b"\n", b"\r\n", b'"x"', b'"y\n"', b'""'])
ANY = SOUND | st.sampled_from(
    [b"\r", b'"', b'"', b"\0", b"\xff", b"\n" + HEADER, b'\n"ONE",Two', b"\xef\xbb\xbf", b"x\n", b",y\n"]
)
HARD = ANY | st.sampled_from(
    [
        b'a","b\n',
        b'"\n',
        b'a,"b\n',
        b'""',
        b'"""',
        b"\n\n",
        b"\r\r",
        b"\r\n\r\n",
        b"a,b\n",
        b"a,b\r\n",
        b"a\r",
    ]
)
BODIES = st.lists(ANY, max_size=40).map(b"".join) | st.lists(SOUND, max_size=60).map(b"".join)


def expected_rows(records: list[Read]) -> list[dict[str, str | None]]:
    return [
        {"one": read.fields[0].strip() or None, "two": read.fields[1].strip() or None}
        for read in records
        if read.fields
    ]


def assert_reads_as(outcome: Outcome, records: list[Read]) -> None:
    assert outcome.rows == expected_rows(records)
    assert outcome.rejects == [(read.number, read.damage, read.raw) for read in records if read.damage]
    assert outcome.account.blank_lines == sum(not read.raw for read in records)


@settings(deadline=None)
@given(BODIES, st.integers(1, 30))
@example(b'a,b\n"c,1\nd,"2"\ne,f\n', 4)
@example(b'a,"\n\r\nb",c\r', 3)
def test_every_record_is_read_as_by_the_plain_reader(body: bytes, piece_bytes: int) -> None:
    records = read_records(body, 2, HEADER, first=2)

    outcome = run(HEADER + b"\n" + body, RECIPE, piece_bytes=piece_bytes)

    assert_reads_as(outcome, records)


@settings(deadline=None, max_examples=300)
@given(st.lists(HARD, max_size=40).map(b"".join), st.integers(1, 60), st.sampled_from([1, 8, 512]))
@example(b'a","b\na","b\n"a","b\n"x,1\n', 3, 512)
@example(b"a,b\n\n\r\r\n" * 200, 2000, 512)
def test_records_are_the_same_however_many_lines_are_taken_together(
    body: bytes, piece_bytes: int, together: int
) -> None:
    records = read_records(body, 2, HEADER, first=2)

    with (
        patch.object(scanner, "_FEW_BYTES", together),
        patch.object(scanner, "_LINES_BYTES", 9 * together),
        patch.object(pieces, "_MAX_ROWS", 2 * together),
    ):
        outcome = run(HEADER + b"\n" + body, RECIPE, piece_bytes=piece_bytes)

    assert_reads_as(outcome, records)


@settings(deadline=None)
@given(BODIES, st.integers(1, 30), st.integers(1, 7))
def test_the_result_does_not_depend_on_how_the_source_doles_out_its_bytes(
    body: bytes, piece_bytes: int, at_most: int
) -> None:
    content = HEADER + b"\n" + body

    whole = run(content, RECIPE, piece_bytes=piece_bytes)
    doled = run(content, RECIPE, piece_bytes=piece_bytes, at_most=at_most)

    assert (doled.parquet, doled.rejects) == (whole.parquet, whole.rejects)


@settings(deadline=None)
@given(st.lists(st.sampled_from(['a', 'é', '😀', ',', '\n', '\r\n', '"x"', '\0']), max_size=40).map("".join),
       st.sampled_from(["utf-16-le", "utf-16-be"]), st.integers(1, 9))  # fmt: skip
@example("\0a\0a\0a\0", "utf-16-le", 1)
def test_utf_16_is_read_like_the_same_text_in_utf_8(body: str, encoding: str, at_most: int) -> None:
    text = "\ufeffone,two\n" + body  # without the mark, a short text with many NULs passes for UTF-16

    utf8 = run(text, RECIPE)
    utf16 = run(text.encode(encoding), RECIPE, at_most=at_most)

    assert (utf16.rows, utf16.rejects) == (utf8.rows, utf8.rejects)
