"""Cutting without looking at each record, held against a walk over every byte."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.normalizer.csvfile.boundary import last_boundary, sound_quoting
from services.normalizer.csvfile.grammar import LINE_END, count_line_ends

DATA = st.lists(st.sampled_from([b"a", b",", b'"', b'"', b"\n", b"\r"]), max_size=30).map(b"".join)
SOUND_FIELDS = st.lists(st.sampled_from([b"a", b",", b'""', b"\n", b"\r"])).map(b"".join)
FIELDS = SOUND_FIELDS.map(lambda inner: b'"' + inner + b'"') | st.sampled_from([b"", b"a", b"ab"])
RECORDS = st.lists(FIELDS, min_size=1, max_size=4).map(b",".join)


def boundary_by_walking(data: bytes, *, quoted: bool) -> int:
    last = quotes = 0
    for at in range(len(data)):
        if quoted and data[at : at + 1] == b'"':
            quotes += 1
        if data[at : at + 1] in (b"\n", b"\r") and quotes % 2 == 0:
            last = at + 1
    return last


@settings(deadline=None)
@given(DATA, st.booleans())
@example(b'a\n"b\nc', True)
@example(b'"a\n', True)
def test_the_last_boundary_is_the_last_line_break_after_an_even_number_of_quotes(
    data: bytes, quoted: bool
) -> None:
    assert last_boundary(data, b'"' if quoted else b"") == boundary_by_walking(data, quoted=quoted)


@settings(deadline=None)
@given(st.lists(RECORDS), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_well_formed_records_are_sound(records: list[bytes], line_end: bytes) -> None:
    assert sound_quoting(line_end.join(records), b",", b'"')


@settings(deadline=None)
@given(st.lists(RECORDS, min_size=1), st.data())
def test_a_quote_too_many_is_never_sound(records: list[bytes], data: st.DataObject) -> None:
    content = b"\n".join(records)
    at = data.draw(st.integers(0, len(content)))

    assert not sound_quoting(content[:at] + b'"' + content[at:], b",", b'"')


@settings(deadline=None)
@given(RECORDS, st.sampled_from([b'"a"b', b'a"b"', b'"a" ', b' "a"', b'"a"""b""']))
def test_quotes_within_text_are_not_taken_for_sound(record: bytes, field: bytes) -> None:
    assert not sound_quoting(record + b"," + field + b"\n", b",", b'"')


@settings(deadline=None)
@given(DATA)
@example(b"")
@example(b"\r")
@example(b"\n\r\n\r")
def test_line_ends_are_counted_as_the_scanner_finds_them(data: bytes) -> None:
    assert count_line_ends(data) == len(LINE_END.findall(data))
