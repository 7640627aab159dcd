"""Every kind of damage to a record: what it is called, what it costs, and what comes after it."""

from __future__ import annotations

import pytest

from services.normalizer.csvfile.checks import MAX_FIELD_BYTES
from services.normalizer.csvfile.scanner import MAX_RECORD_BYTES
from services.normalizer.errors import TooManyBadRows
from tests.unit.normalizer.normalizing import Rejects, recipe_of, run

RECIPE = recipe_of("Id: {type: bigint, required: true}\nText: string", max_rejected="1")


def reading(*records: bytes) -> tuple[list[int], list[tuple[int, str, bytes]]]:
    """The ids that were written and the records that were rejected of these, below a header."""
    outcome = run(b"\n".join((b"Id,Text", *records)), RECIPE)
    return outcome.column("id"), outcome.rejects


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        pytest.param(b"2", "ragged", id="too few fields"),
        pytest.param(b"2,b,c", "ragged", id="too many fields"),
        pytest.param(b"2,\xff", "bad_encoding", id="bytes that are not UTF-8"),
        pytest.param(b"2,\xed\xa0\x80", "bad_encoding", id="half a surrogate pair"),
        pytest.param(b"2,a\0b", "nul_byte", id="a NUL"),
        pytest.param(b'2,"b"c', "stray_quote", id="text after a closing quote"),
        pytest.param(b'2,"b', "unterminated_quote", id="a quote that is never closed"),
        pytest.param(b"Id,Text", "header_repeated", id="the header once more"),
        pytest.param(b'"Id","Text"', "header_repeated", id="the header in quotes"),
        pytest.param(b"ID,TEXT", "header_repeated", id="the header in capitals"),
        pytest.param(b"two,b", "invalid:id", id="a wrong number in a required column"),
        pytest.param(b"2," + b"b" * (MAX_FIELD_BYTES + 1), "too_long", id="a field over 1 MB"),
    ],
)
def test_a_damaged_record_alone_is_rejected_with_its_number_reason_and_bytes(
    record: bytes, reason: str
) -> None:
    ids, rejects = reading(b"1,a", record, b"3,c", b"4,d")

    assert (ids, rejects) == ([1, 3, 4], [(3, reason, record[:MAX_FIELD_BYTES])])


def test_a_quote_that_is_never_closed_costs_its_own_line_even_before_quoted_fields() -> None:
    ids, rejects = reading(b'1,"a"', b'2,"b', b'3,"c"', b'4,"d"')

    assert (ids, [reject[:2] for reject in rejects]) == ([1, 3, 4], [(3, "unterminated_quote")])


def test_a_quote_open_at_the_end_of_the_file_costs_its_own_line() -> None:
    ids, rejects = reading(b'1,"a', b"2,b", b"3,c")

    assert (ids, [reject[:2] for reject in rejects]) == ([2, 3], [(2, "unterminated_quote")])


def test_a_quote_open_for_longer_than_any_record_costs_its_own_line() -> None:
    rows = MAX_RECORD_BYTES // 1000 + 10
    content = b'Id,Text\n1,"a\n' + b"2,%s\n" % (b"b" * 997) * rows

    outcome = run(content, RECIPE, piece_bytes=1 << 20)

    assert (outcome.account.rows_out, outcome.rejects) == (rows, [(2, "unterminated_quote", b'1,"a')])


def test_a_line_that_does_not_end_is_passed_over_without_being_held() -> None:
    content = b"Id,Text\n1,a\n2," + b"x" * (2 * MAX_RECORD_BYTES) + b"\n3,c\n"

    outcome = run(content, RECIPE, piece_bytes=1 << 20)

    assert outcome.column("id") == [1, 3]
    assert [(record, reason, len(raw)) for record, reason, raw in outcome.rejects] == [
        (3, "too_long", MAX_FIELD_BYTES)
    ]


def test_the_longest_field_is_a_megabyte() -> None:
    ids, _ = reading(b'1,"%s"' % (b"x" * MAX_FIELD_BYTES), b"2,%s" % (b"x" * (MAX_FIELD_BYTES + 1)))

    assert ids == [1]


def test_a_quote_inside_an_unquoted_field_is_an_ordinary_character() -> None:
    assert run('Id,Text\n1,5" pipe\n', RECIPE).column("text") == ['5" pipe']


def test_line_breaks_and_doubled_quotes_belong_to_a_quoted_field() -> None:
    assert run('Id,Text\r\n1,"a ""b""\r\nc,d"\r\n', RECIPE).column("text") == ['a "b"\r\nc,d']


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end: str) -> None:
    assert run(end.join(["Id,Text", "1,a", "2,b", ""]), RECIPE).column("id") == [1, 2]


def test_blank_lines_are_no_rows_but_count_in_record_numbers() -> None:
    outcome = run("\nId,Text\n\n1,a\n\n2\n", RECIPE)

    assert outcome.rejects == [(6, "ragged", b"2")]
    assert (outcome.account.rows_in, outcome.account.blank_lines) == (2, 3)


def test_a_blank_line_in_a_file_of_one_column_is_no_row_but_an_empty_quoted_field_is() -> None:
    outcome = run('Id\n1\n\n""\n2\n', recipe_of("Id: {type: bigint, required: true}"))

    assert (outcome.column("id"), outcome.account.blank_lines) == ([1, None, 2], 1)


def test_line_breaks_inside_quotes_do_not_count_in_record_numbers() -> None:
    _, rejects = reading(b'1,"a\nb\nc"', b"2")

    assert [number for number, _, _ in rejects] == [3]


def test_a_repeated_header_is_found_after_a_byte_order_mark_too() -> None:
    outcome = run("\ufeffId,Text\n1,a\n\ufeffId,Text\n2,b\n", RECIPE)

    assert (outcome.column("id"), [reason for _, reason, _ in outcome.rejects]) == (
        [1, 2],
        ["header_repeated"],
    )


@pytest.mark.parametrize(
    ("header", "again"),
    [
        ('"Last, first",Id', '"LAST, FIRST",id'),
        ("First Name,Id", "first_name, ID "),
        ("Größe,Id", '"Größe","Id"'),
        ("'Id','Text'", "Id,Text"),
    ],
)
@pytest.mark.parametrize("more", ["", '9,"9"9\n'])
def test_a_repeated_header_is_found_however_it_is_written(header: str, again: str, more: str) -> None:
    content = f"{header}\n1,1\n{again}\n1,1\n{more}"

    outcome = run(content, recipe_of("Id: {type: string, required: true}", max_rejected="1"))

    assert outcome.rejects[0] == (3, "header_repeated", again.encode())
    assert outcome.account.rejected_by_reason["header_repeated"] == 1


@pytest.mark.parametrize("record", ["id,t", "Id,Text file", "Id,", "1,Text", f"Id,Text{'.' * 40}"])
def test_a_row_that_shares_some_of_the_header_is_a_row(record: str) -> None:
    recipe = recipe_of("Id: {type: string, required: true}\nText: string")

    assert run(f"Id,Text\n{record}\n1,a\n", recipe).account.rows_out == 2


def test_bad_rows_up_to_the_threshold_are_tolerated() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true}\nText: string", max_rejected="0.5")

    assert run("Id,Text\n1,a\n2\n", recipe).account.rejected == 1


def test_more_bad_rows_than_the_threshold_refuse_the_file_after_all_are_in_quarantine() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true}\nText: string", max_rejected="0.5")
    rejects = Rejects()

    with pytest.raises(TooManyBadRows, match=r"things.csv: 2 of 3 rows .*ragged: 2.* 50.00%"):
        run("Id,Text\n1,a\n2\n3\n", recipe, rejects=rejects)

    assert [number for number, _, _ in rejects.records] == [3, 4]


def test_one_bad_row_of_a_hundred_is_tolerated_by_default_and_two_are_not() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true}\nText: string")
    rows = ["1,a"] * 98

    assert run("\n".join(["Id,Text", *rows, "1,a", "x"]), recipe).account.rejected == 1
    with pytest.raises(TooManyBadRows):
        run("\n".join(["Id,Text", *rows, "x", "x"]), recipe)


def test_no_message_holds_a_value() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true}\nText: string")

    with pytest.raises(TooManyBadRows) as caught:
        run('Id,Text\njane@example.com,a\n1,"secret"x\n', recipe)

    assert "jane" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_word_of_almost_a_megabyte_is_compared_with_its_rows_key() -> None:
    recipe = recipe_of("Key: {hash: identifier, required: true}\nText: {type: string, required: true}")

    outcome = run(f"Key,Text\nkey-of-ada,{'x' * 999_000}\nkeykey,{'x' * 999_000}-keykey\n", recipe)

    assert [len(text or "") for text in outcome.column("text")] == [999_000, 0]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(
            b'a","b\n', "unterminated_quote", id="quotes that open in each line and close in the next"
        ),
        pytest.param(b'1,"a\n', "unterminated_quote", id="a quote in each line"),
        pytest.param(b'"\n', "ragged", id="nothing but quotes"),
        pytest.param(b" \n", "ragged", id="nothing but spaces"),
    ],
)
def test_hundreds_of_thousands_of_bad_lines_are_read_in_a_moment(line: bytes, reason: str) -> None:
    """A look at all that follows, for each of them, would take hours."""
    outcome = run(b"Id,Text\n" + line * 200_000, RECIPE)

    assert outcome.account.rows_out == 0
    assert outcome.account.rejected_by_reason[reason] > 90_000


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r", b"\n\r\r\n"])
def test_millions_of_blank_lines_are_counted_in_a_moment(line_end: bytes) -> None:
    blank = line_end * (4_000_000 // len(line_end))

    outcome = run(b"Id,Text\n1,a\n" + blank + b"2\n" + blank + b"3,c\n", RECIPE)

    lines = len(blank) // (2 if line_end == b"\r\n" else 1) - (len(blank) // 4 if len(line_end) == 4 else 0)
    assert (outcome.column("id"), outcome.account.blank_lines) == ([1, 3], 2 * lines)
    assert outcome.rejects == [(lines + 3, "ragged", b"2")]
