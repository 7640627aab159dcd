"""Decimal columns: exact, or invalid."""

from __future__ import annotations

import decimal
import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.columns.decimals import to_decimal
from services.normalizer.columns.types import arrow_type, plain_types
from services.normalizer.gluetypes import glue_type
from shared.cleanrooms import fits_type
from tests.unit.normalizer.normalizing import Outcome, recipe_of, run


def converted(fate: str, *values: str) -> Outcome:
    rows = "".join(f'1,"{value}"\n' for value in values)
    return run(
        "Id,V\n" + rows, recipe_of(f"Id: {{type: bigint, required: true}}\nV: {fate}", max_rejected="1")
    )


def test_numbers_are_read_to_the_last_digit() -> None:
    texts = ("0.1", "1234567890.12", "-1234567890.12", "+7", " 3.5 ", ".5", "5.", "-.25", "-0", "0")

    assert converted("decimal(12,2)", *texts).column("v") == [
        *map(Decimal, ("0.1", "1234567890.12", "-1234567890.12", "7", "3.5", "0.5", "5", "-0.25", "0", "0"))
    ]


def test_zeros_that_say_nothing_are_no_digits() -> None:
    texts = ("1.500", "007.25", "0.0000000000000000000000000000000000000000000", ".00", "000000000000000001")

    assert converted("decimal(3,2)", *texts).column("v") == [
        *map(Decimal, ("1.5", "7.25", "0", "0", "1")),
    ]


@pytest.mark.parametrize(
    "text", ["1.005", "10000000000", "1e2", "1,5", "1,000.00", "$1", "nan", "inf", ".", "-", "1.2.3", "٣"]
)
def test_what_would_be_rounded_or_is_no_number_is_null_and_counted(text: str) -> None:
    outcome = converted("decimal(12,2)", text, "1")

    assert (outcome.column("v"), outcome.account.invalid_by_column) == ([None, Decimal(1)], {"v": 1})


def test_where_a_row_must_have_one_a_wrong_one_rejects_the_row() -> None:
    outcome = converted('{type: "decimal(5,2)", required: true}', "1000.00", "999.99", "0.001")

    assert outcome.column("v") == [Decimal("999.99")]
    assert [(record, reason) for record, reason, _ in outcome.rejects] == [(2, "invalid:v"), (4, "invalid:v")]


def test_the_file_has_the_type_that_the_recipe_names() -> None:
    field = pq.read_schema(io.BytesIO(converted("decimal(38,10)", "1").parquet)).field("v")

    assert field.type == pa.decimal128(38, 10)


@pytest.mark.parametrize("name", [*plain_types(), "decimal(1,0)", "decimal(12,2)", "decimal(38,38)"])
def test_clean_rooms_reads_every_type_that_a_recipe_can_name(name: str) -> None:
    assert fits_type(glue_type(arrow_type(name)))


@given(
    st.integers(1, 38).flatmap(lambda digits: st.tuples(st.just(digits), st.integers(0, digits))),
    st.lists(st.from_regex(r"[+-]?[0129]{0,40}(\.[0-2]{0,40})?", fullmatch=True), min_size=1),
)
def test_a_number_is_written_as_it_is_or_not_at_all(kind: tuple[int, int], texts: list[str]) -> None:
    precision, scale = kind

    written = to_decimal(pa.decimal128(precision, scale))(pa.array(texts)).values.to_pylist()

    assert written == [exactly(text, precision, scale) for text in texts]


def exactly(text: str, precision: int, scale: int) -> Decimal | None:
    """The number, if so many digits can hold it."""
    with decimal.localcontext(prec=200):
        try:
            shifted = Decimal(text).scaleb(scale)
        except decimal.InvalidOperation:
            return None
        fits = shifted == shifted.to_integral_value() and abs(shifted) < 10**precision
        return Decimal(text) if fits else None
