"""What becomes of rows: conditions, duplicates, thresholds, the account, and the same bytes every time."""

from __future__ import annotations

import pytest

from services.normalizer.errors import HeaderMismatch
from tests.unit.normalizer.normalizing import recipe_of, run

EVENTS = """
    Key: {hash: identifier, required: true}
    Sent: {type: timestamp, required: true}
    Status: string
"""
WHEN = "1/31/2026 1:02:03 PM"


def rows_of(count: int) -> str:
    return "Key,Sent,Status\n" + "".join(f"k{n},{WHEN},s\n" for n in range(count))


def test_rows_keep_their_order_over_many_pieces() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true}")
    content = "Id\n" + "".join(f"{n}\n" for n in range(1000))

    assert run(content, recipe, piece_bytes=100).column("id") == list(range(1000))


def test_record_numbers_go_on_over_many_pieces() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true}\nText: string", max_rejected="1")
    content = "Id,Text\n" + "".join(f"{n},a\n" if n % 10 else "x,a\n" for n in range(2, 100))

    outcome = run(content, recipe, piece_bytes=50)

    assert [record for record, _, _ in outcome.rejects] == list(range(10, 100, 10))


def test_an_unusable_value_rejects_its_row_where_the_column_is_required_and_kept() -> None:
    outcome = run(f"Key,Sent\na,{WHEN}\nb,yesterday\n", recipe_of(EVENTS, max_rejected="1"))

    assert outcome.rejects == [(3, "invalid:sent", b"b,yesterday")]
    assert outcome.account.invalid_by_column == {}


def test_an_empty_value_in_a_required_column_is_null() -> None:
    assert run("Key,Sent\na,\n", recipe_of(EVENTS)).column("sent") == [None]


def test_an_unusable_value_elsewhere_is_null_unless_the_recipe_says_reject() -> None:
    columns = "Id: {type: bigint, required: true}\nN: {type: bigint, on_invalid: reject}\nM: bigint"

    outcome = run("Id,N,M\n1,x,1\n2,1,x\n", recipe_of(columns, max_rejected="1"))

    assert (outcome.column("id"), outcome.rejects) == ([2], [(2, "invalid:n", b"1,x,1")])
    assert outcome.account.invalid_by_column == {"m": 1}


def test_a_required_column_can_tolerate_unusable_values() -> None:
    recipe = recipe_of("Id: {type: bigint, required: true, on_invalid: set_null}")

    assert run("Id\nx\n", recipe).column("id") == [None]


FILTERED = recipe_of(
    "Id: {type: bigint, required: true}\nStatus: drop\nKind: drop",
    filters="[{column: Status, keep: [Active, Held]}, {column: Kind, drop: [Test]}]",
)


def test_rows_that_fail_a_condition_are_left_out_and_counted() -> None:
    content = "Id,Status,Kind\n1,active,a\n2,Deleted,a\n3, HELD ,\n4,Active,test\n5,,a\n"

    outcome = run(content, FILTERED)

    assert (outcome.column("id"), outcome.account.filtered) == ([1, 3], 3)


def test_record_numbers_are_those_of_the_file_when_rows_before_were_left_out() -> None:
    recipe = FILTERED.model_copy(update={"max_rejected": 1.0})

    outcome = run("Id,Status,Kind\n1,no,a\nx,no,a\nx,Held,a\n", recipe)

    assert (outcome.rejects, outcome.account.filtered) == ([(4, "invalid:id", b"x,Held,a")], 2)


def test_a_file_without_a_column_that_decides_about_rows_is_refused() -> None:
    with pytest.raises(HeaderMismatch, match="column Kind"):
        run("Id,Status\n1,Active\n", FILTERED)


UNIQUE = recipe_of(
    "Id: {type: bigint, required: true}\nA: drop\nB: drop", unique_by="[A, B]", max_rejected="1"
)


@pytest.mark.parametrize("piece_bytes", [1, 1000])
def test_later_rows_with_the_same_key_are_duplicates_over_the_whole_file(piece_bytes: int) -> None:
    content = "Id,A,B\n1,a,b\n2,a,\n3,ab,\n4, a ,b\n5,,\n6,,\n7,a,\n"

    outcome = run(content, UNIQUE, piece_bytes=piece_bytes)

    assert (outcome.column("id"), outcome.account.duplicates) == ([1, 2, 3, 5, 6], 2)


def test_a_rejected_row_does_not_make_a_later_one_a_duplicate() -> None:
    outcome = run("Id,A,B\nx,a,b\n2,a,b\n", UNIQUE)

    assert (outcome.column("id"), outcome.account.duplicates) == ([2], 0)


def test_values_of_rows_that_are_not_written_are_not_counted_as_invalid() -> None:
    recipe = recipe_of(
        "Id: {type: bigint, required: true}\nN: bigint\nT: string",
        unique_by="[Id]",
        filters="[{column: T, drop: [out]}]",
        max_rejected="1",
    )

    outcome = run("Id,N,T\n1,x,a@b\n1,x,a@b\n2,x,out\ny,x,a@b\n", recipe)

    assert (outcome.account.invalid_by_column, outcome.account.suppressed_by_column) == ({"n": 1}, {"t": 1})


def test_every_row_is_accounted_for() -> None:
    recipe = recipe_of(
        "Id: {type: bigint, required: true}\nT: string",
        unique_by="[Id]",
        filters="[{column: T, drop: [out]}]",
        max_rejected="1",
    )

    account = run("Id,T\n1,a\n1,a\n2,out\n\nx,a\n3\n4,a\n", recipe).account

    assert (account.rows_in, account.rows_out) == (6, 2)
    assert (account.rejected, account.filtered, account.duplicates) == (2, 1, 1)
    assert account.rejected_by_reason == {"invalid:id": 1, "ragged": 1}


def test_the_same_input_and_recipe_give_the_same_bytes() -> None:
    first = run(rows_of(5000), recipe_of(EVENTS), piece_bytes=10_000)
    second = run(rows_of(5000), recipe_of(EVENTS), piece_bytes=10_000)

    assert first.parquet == second.parquet


def test_the_pepper_changes_the_bytes() -> None:
    recipe = recipe_of(EVENTS)

    assert run(rows_of(1), recipe, pepper=b"a").parquet != run(rows_of(1), recipe, pepper=b"b").parquet
