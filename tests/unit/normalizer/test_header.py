"""Headers: how columns, delimiters and files without a header are recognised."""

from __future__ import annotations

import pytest

from services.normalizer.csvfile.checks import MAX_FIELD_BYTES
from services.normalizer.errors import AmbiguousHeader, HeaderMismatch
from tests.unit.normalizer.normalizing import recipe_of, run

RECIPE = recipe_of("""
    Id: {type: bigint, required: true}
    First Name: {type: string, aliases: [Given]}
    Secret: drop
""")


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_the_delimiter_is_the_one_that_finds_the_columns(delimiter: str) -> None:
    outcome = run(f"Id{delimiter}FirstName\n1{delimiter}Ann\n", RECIPE)

    assert (outcome.column("first_name"), outcome.account.delimiter) == (["Ann"], delimiter)


def test_other_delimiters_in_the_header_do_not_mislead() -> None:
    outcome = run('Id\t"a,b,c"\tFirst Name\n1\tx,y\tAnn\n', RECIPE)

    assert (outcome.column("first_name"), outcome.account.delimiter) == (["Ann"], "\t")


def test_a_delimiter_can_be_stated() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true}\nFirst Name: string", delimiter="pipe")

    assert run("Id|First Name\n1|a,b\n", recipe).column("first_name") == ["a,b"]


@pytest.mark.parametrize(
    "header", ["Id,First Name", '"ID","FIRST_NAME"', "first-name,id", " id , FirstName ", "ID,given"]
)
def test_columns_are_found_in_any_order_spelling_and_by_alias(header: str) -> None:
    row = "1,1"

    assert run(f"{header}\n{row}\n", RECIPE).rows == [{"id": 1, "first_name": "1"}]


def test_a_missing_column_is_null_throughout_and_reported() -> None:
    outcome = run("Id\n1\n", RECIPE)

    assert (outcome.rows, outcome.account.missing_columns) == (
        [{"id": 1, "first_name": None}],
        ("First Name",),
    )


def test_columns_that_the_recipe_does_not_name_are_left_out_and_reported() -> None:
    outcome = run("Secret,New,Id\ns,n,1\n", RECIPE)

    assert (outcome.rows, outcome.account.dropped_columns) == ([{"id": 1, "first_name": None}], ("New",))


def test_a_second_column_for_the_same_purpose_is_left_out_and_reported() -> None:
    outcome = run("Given,FirstName,Id\ng,f,1\n", RECIPE)

    assert (outcome.column("first_name"), outcome.account.dropped_columns) == (["f"], ("Given",))


def test_columns_without_a_name_that_may_be_shown_are_counted() -> None:
    outcome = run("Id,Secret,it's,,Fine one\n1,,,,\n", RECIPE)

    assert (outcome.account.dropped_columns, outcome.account.dropped_unnamed) == (("Fine one",), 2)


def test_a_missing_required_column_is_named_and_the_first_record_is_not_shown() -> None:
    with pytest.raises(HeaderMismatch, match="required column Id") as caught:
        run("First Name,Jane Roe\n1,2\n", RECIPE)

    assert "Jane" not in str(caught.value)


def test_a_first_record_with_none_of_the_columns_is_not_shown() -> None:
    with pytest.raises(HeaderMismatch) as caught:
        run("Jane,Roe\n1,2\n", RECIPE)

    assert "Jane" not in str(caught.value)


def test_a_first_record_with_broken_quoting_is_no_header() -> None:
    with pytest.raises(HeaderMismatch):
        run('"Id,First Name\n1,2\n', RECIPE)


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(AmbiguousHeader, match="column Id"):
        run("Id,First Name,ID\n1,a,2\n", RECIPE)


def test_a_column_that_is_not_used_may_stand_twice() -> None:
    assert run("Id,x,x\n1,,\n", RECIPE).column("id") == [1]


HEADERLESS = recipe_of("Id: bigint\nSecret: drop\nName: string", header="none", quotes="false")


def test_a_file_without_a_header_is_read_by_position() -> None:
    outcome = run("1|s|Ann\n2|s|Bob\n", HEADERLESS)

    assert outcome.rows == [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}]


def test_the_first_row_of_a_file_without_a_header_is_record_1() -> None:
    recipe = recipe_of(
        "Id: {type: bigint, on_invalid: reject}\nName: string", header="none", max_rejected="1"
    )

    assert run("x,Ann\n2,Bob\n", recipe).rejects == [(1, "invalid:id", b"x,Ann")]


def test_a_header_where_none_was_announced_is_recognised() -> None:
    assert run("id|secret|name\n1|s|Ann\n", HEADERLESS).column("name") == ["Ann"]


def test_a_file_without_a_header_must_have_the_columns_of_the_recipe() -> None:
    with pytest.raises(HeaderMismatch, match="3 columns"):
        run("1|s\n", HEADERLESS)


@pytest.mark.parametrize(
    ("first", "reason"),
    [("1|s|Ann|more", "ragged"), ("1|s|A\0nn", "nul_byte"), ('1|s|"Ann', "unterminated_quote")],
)
def test_a_damaged_first_row_of_a_file_without_a_header_is_no_more_than_that(first: str, reason: str) -> None:
    recipe = recipe_of("Id: bigint\nSecret: drop\nName: string", header="none", max_rejected="0.5")

    outcome = run(f"{first}\n2|s|Bob, Jr\n3|s|Cy\n", recipe)

    assert outcome.rejects == [(1, reason, first.encode())]
    assert outcome.column("name") == ["Bob, Jr", "Cy"]


def test_quotes_mean_nothing_where_the_recipe_says_so() -> None:
    assert run('1|s|"Ann\n2|s|B"b\n', HEADERLESS).column("name") == ['"Ann', 'B"b']


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_apostrophes_quote_where_every_name_of_the_header_stands_in_them(delimiter: str) -> None:
    records = ("'Id','First Name'", "'1','O''Brien, \nAnn'", "2,Bob")

    outcome = run("\n".join(records).replace("','", f"'{delimiter}'").replace("2,", f"2{delimiter}"), RECIPE)

    assert outcome.column("first_name") == ["O'Brien, \nAnn", "Bob"]


def test_a_name_may_hold_the_delimiter_between_apostrophes() -> None:
    assert run("'Given','Id','Last, first'\n'Ann','1',''\n", RECIPE).column("first_name") == ["Ann"]


@pytest.mark.parametrize("header", ["Id,First Name", "Id,'First Name'", '"Id","First Name"'])
def test_an_apostrophe_is_a_character_where_the_header_does_not_quote_by_it(header: str) -> None:
    assert run(f"{header}\n1,'t Hooft\n2,'x'\n", RECIPE).column("first_name") == ["'t Hooft", "'x'"]


@pytest.mark.parametrize(
    ("quotes", "name"), [('"\'"', "a,b"), ("'\"'", "'a"), ("true", "'a"), ("false", "'a")]
)
def test_what_quotes_can_be_stated_where_no_header_tells(quotes: str, name: str) -> None:
    recipe = recipe_of(
        "Id: bigint\nName: string", header="none", quotes=quotes, max_rejected="1", delimiter="comma"
    )

    assert run("1,'a,b'\n2,'a\n" if name == "a,b" else "1,'a\n", recipe).column("name") == [name]


def test_a_value_between_stated_apostrophes_is_hashed_without_them() -> None:
    recipe = recipe_of("Email: {hash: email, required: true}")

    assert run("'Email'\n'a@b.co'\n", recipe).rows == run("Email\na@b.co\n", recipe).rows


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\r\n", b"\xff\xfe"])
def test_a_file_without_any_record_gives_an_object_without_rows_and_says_so(content: bytes) -> None:
    outcome = run(content, RECIPE)

    assert (outcome.rows, outcome.account.rows_in, outcome.account.empty) == ([], 0, True)


@pytest.mark.parametrize("content", ["Id,First Name", "Id,First Name\n", "Id,First Name\r\n\r\n"])
def test_a_file_with_a_header_only_gives_an_object_without_rows(content: str) -> None:
    outcome = run(content, RECIPE)

    assert (outcome.rows, outcome.account.rows_in, outcome.account.empty) == ([], 0, False)


def test_a_header_behind_a_megabyte_of_blank_lines_is_read_whole() -> None:
    blanks = MAX_FIELD_BYTES - 10

    outcome = run("\n" * blanks + "Id,First Name\n1,Ann\n", RECIPE)

    assert (outcome.rows, outcome.account.blank_lines) == ([{"id": 1, "first_name": "Ann"}], blanks)
