"""A first record that holds rows is no header, and no name that may be a value is shown anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.normalizer.csvfile.evidence import MAX_HEADER_BYTES, may_be_shown
from services.normalizer.errors import HeaderMismatch, TooManyBadRows
from services.normalizer.reporting import notices
from tests.unit.normalizer.decrypted import Normalizing
from tests.unit.normalizer.normalizing import recipe_of, run

RECIPE = recipe_of("""
    SubscriberKey: {hash: identifier, required: true}
    EmailAddress: {hash: email, required: true}
    Status: string
    DateCreated: timestamp
""")
HEADER = "SubscriberKey,EmailAddress,Status,DateCreated"
ROWS = [f"K-{n},wilhelmina{n}@example.com,Active,1/{n}/2026 3:04:05 PM" for n in range(1, 29)]
LOST = ["", "\x85", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", r"\r\n", r"\n", r"\r"]


def assert_refused(content: str | bytes, recipe: object = RECIPE) -> None:
    with pytest.raises(HeaderMismatch) as caught:
        run(content, recipe)  # type: ignore[arg-type]

    assert not any(value in str(caught.value) for value in ("K-", "wilhelmina", "Featherstone", "2026"))


@pytest.mark.parametrize("line_end", LOST)
@pytest.mark.parametrize("rows", [1, 28])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_file_without_line_ends_that_are_known_is_refused(line_end: str, rows: int, delimiter: str) -> None:
    assert_refused(line_end.join([HEADER, *ROWS[:rows]]).replace(",", delimiter))


@pytest.mark.parametrize("line_end", LOST)
def test_it_is_refused_in_utf_16_and_with_every_field_in_quotes(line_end: str) -> None:
    content = line_end.join([HEADER, *ROWS])
    quoted = line_end.join('"' + line.replace(",", '","') + '"' for line in [HEADER, *ROWS])

    assert_refused(content.encode("utf-16"))
    assert_refused(quoted)


@pytest.mark.parametrize("line_end", LOST[1:])
def test_words_alone_give_it_away_by_the_characters_between_the_lines(line_end: str) -> None:
    recipe = recipe_of("Key: {hash: identifier, required: true}\nName: {hash: first_name}\nTown: drop")

    assert_refused(line_end.join(["Key,Name,Town", "k,Featherstone,Bath", "l,Featherstone,Ely"]), recipe)


def test_rows_that_repeat_their_words_give_it_away() -> None:
    recipe = recipe_of("Key: {hash: identifier, required: true}\nName: {hash: first_name}")

    assert_refused("Key,Name,Town" + "k,Featherstone,Bath" * 5, recipe)


@pytest.mark.parametrize("end", ["\n", "\n\n", "\nK-1\nK-2\n"])
def test_it_is_refused_whatever_does_not_fit_it_below(end: str) -> None:
    tolerant = RECIPE.model_copy(update={"max_rejected": 1.0})

    assert_refused("\x85".join([HEADER, *ROWS]) + end, tolerant)


def test_two_lines_of_the_same_length_do_not_vouch_for_each_other() -> None:
    assert_refused("\x85".join([HEADER, *ROWS[:13]]) + "\n" + "\x85".join(ROWS[:14]))


def test_a_quote_that_opens_in_the_header_swallows_no_rows() -> None:
    rows = "\n".join(ROWS)

    assert_refused(f'{HEADER},"Note\n{rows},"\n{ROWS[0]},"x"\n')


def test_a_quoted_name_may_hold_a_line_break() -> None:
    outcome = run(f'{HEADER},"Opt in\n(yes)"\n{ROWS[0]},y\n', RECIPE)

    assert (outcome.account.rows_out, outcome.account.dropped_unnamed) == (1, 1)


def test_a_first_record_longer_than_any_header_is_refused() -> None:
    assert_refused(HEADER + ",a" * (MAX_HEADER_BYTES // 2) + "\n")


def test_a_first_record_of_far_more_columns_than_the_recipe_is_refused_where_nothing_fits_it() -> None:
    names = "".join(f",{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200))

    assert_refused(HEADER + names)
    assert run(f"{HEADER}{names}\n{ROWS[0]}{',' * 200}\n", RECIPE).account.rows_out == 1


@pytest.mark.parametrize("line_end", LOST[1:])
@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_single_record_below_the_only_name_is_refused(line_end: str, end: str) -> None:
    recipe = recipe_of("Email: {hash: email, required: true, on_invalid: set_null}", max_rejected="1")

    assert_refused(
        "Email\n" + line_end.join(["wilhelmina1@example.com", "wilhelmina2@example.com"]) + end, recipe
    )


def test_a_file_of_one_column_may_have_one_row_or_such_characters_in_several() -> None:
    recipe = recipe_of("Note: {type: string, required: true}")

    assert run("Note\nK-1\n", recipe).account.rows_out == 1
    assert run("Note\na\u2028b\nc\n", recipe).account.rows_out == 2


@pytest.mark.parametrize("line_end", LOST[1:])
def test_a_single_record_of_a_single_column_is_no_file_without_a_header(line_end: str) -> None:
    recipe = recipe_of("Email: {hash: email}", header="none", max_rejected="1")

    assert_refused(line_end.join(["wilhelmina1@example.com", "wilhelmina2@example.com"]), recipe)


def test_lost_line_ends_in_a_file_without_a_header_do_not_fit_its_columns() -> None:
    recipe = recipe_of("Key: string\nEmail: {hash: email}", header="none", max_rejected="1")

    assert_refused("\x85".join(f"K-{n},wilhelmina{n}@example.com" for n in range(9)), recipe)


PERIODS = [
    ",".join(f"2026-{month:02}" for month in range(1, 13)),
    ",".join(f"Sent_2026{month:02}" for month in range(1, 13)),
    ",".join(f"{hour:02}:00" for hour in range(24)),
    ",".join(f"1/{day}/2026" for day in range(1, 29)),
    "30,60,90,120",
]


@pytest.mark.parametrize("names", PERIODS)
def test_columns_may_be_named_by_periods_where_rows_fit_them(names: str) -> None:
    values = ",1" * (names.count(",") + 1)

    account = run(f"{HEADER},{names}\n{ROWS[0]}{values}\n", RECIPE).account

    assert (account.rows_out, account.dropped_columns) == (1, ())


@pytest.mark.parametrize("name", ["2026", "Sent_20260131", "Days 30-60-90", "Support 24/7"])
def test_a_header_of_mostly_known_names_is_an_empty_extract(name: str) -> None:
    assert run(f"{HEADER},{name}\n", RECIPE).account.rows_in == 0


def test_a_header_may_be_damaged() -> None:
    account = run(f"{HEADER},Größe\n".encode("cp1252"), RECIPE).account

    assert (account.rows_in, account.dropped_unnamed) == (0, 1)


def test_a_damaged_header_shows_no_name() -> None:
    account = run(
        f"{HEADER},Größe,Featherstone\n".encode("cp1252") + f"{ROWS[0]},,\n".encode(), RECIPE
    ).account

    assert (account.rows_out, account.dropped_columns, account.dropped_unnamed) == (1, (), 2)


def test_a_line_end_that_is_no_utf_8_gives_swallowed_rows_away() -> None:
    recipe = recipe_of("Key: {hash: identifier, required: true}\nName: {hash: first_name}")

    assert_refused("Key,Name\x85k,Featherstone\x85l,Featherstone".encode("latin-1"), recipe)


@pytest.mark.parametrize("more", ["", ",Shoe Size", ",Größe,Opt-In,Home_Phone 2", ",,"])
def test_a_header_without_rows_is_an_empty_extract_and_its_other_names_are_not_shown(more: str) -> None:
    account = run(f"{HEADER}{more}\n", RECIPE).account

    assert (account.rows_in, account.dropped_columns, account.dropped_unnamed) == (0, (), more.count(","))


def test_names_are_shown_once_a_row_is_accepted() -> None:
    account = run(f"{HEADER},Shoe Size,Größe\n{ROWS[0]},,\n", RECIPE).account

    assert (account.dropped_columns, account.dropped_unnamed) == (("Shoe Size", "Größe"), 0)


def test_names_are_not_shown_where_every_row_is_rejected() -> None:
    tolerant = RECIPE.model_copy(update={"max_rejected": 1.0})

    account = run(f"{HEADER},Shoe Size\nK-1\n", tolerant).account

    assert (account.dropped_columns, account.dropped_unnamed) == ((), 1)


def test_no_name_is_shown_beside_one_that_is_a_value() -> None:
    account = run(f"{HEADER},Featherstone,wilhelmina@example.com\n{ROWS[0]},,\n", RECIPE).account

    assert (account.dropped_columns, account.dropped_unnamed) == ((), 2)


def test_a_row_in_which_one_column_is_named_by_chance_shows_nothing() -> None:
    recipe = recipe_of(
        "Phone: {hash: phone, required: true, aliases: [Mobile], default_country: US}\nCity: drop"
    )

    account = run("Wilhelmina,Featherstone,Mobile\nAda,King,Landline\n", recipe).account

    assert (account.dropped_columns, account.dropped_unnamed) == ((), 2)


@pytest.mark.parametrize(
    "value",
    [
        *("wilhelmina@example.com", "2125550000", "+1 212-555-0000", "K-12345", "1/2/2026", "3:04"),
        *("DateCreated\x85K-0", r"Status\r\nK", "12 Main Street", "", " ", "x" * 51, "a, b", "O'Neil"),
        *("f47ac10b-58cc-4372-a567-0e02b2c3d479", "a b c d e f g", "Name\nAda", "N\ufffd"),
    ],
)  # fmt: skip
def test_a_value_is_never_taken_for_a_name(value: str) -> None:
    assert not may_be_shown(value)


@given(st.from_regex(r"[0-9+() .-]{6,20}", fullmatch=True) | st.emails())
def test_numbers_and_addresses_are_never_taken_for_names(value: str) -> None:
    assert not may_be_shown(value)


@pytest.mark.parametrize(
    "name", ["City", "ShoeSize", "Shoe Size", "home_phone", "Opt-In", "Address1", "Größe"]
)
def test_what_columns_are_called_may_be_shown(name: str) -> None:
    assert may_be_shown(name)


def test_a_row_too_many_shows_no_name_either() -> None:
    with pytest.raises(TooManyBadRows) as caught:
        run(f"{HEADER},Featherstone\nK-1\nK-2\n", RECIPE)

    assert "Featherstone" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("Shoe Size,City", "left out: Shoe Size, City"),
        ("a@b.co,City", "does not name 2 of the file's columns"),
        ("Shoe Size,a'b", "left out: Shoe Size and 1 more"),
        (",".join("Answer " + chr(97 + n % 26) * (1 + n // 26) for n in range(60)), " and 10 more"),
    ],
)
async def test_what_was_left_out_is_told_by_name_or_by_number(columns: str, said: str) -> None:
    file = Normalizing(body=f"SendID,Key,{columns}\n1,k{',' * (columns.count(',') + 1)}\n".encode())
    await file.run(recipe_of("SendID: {type: bigint, required: true}\nKey: {hash: identifier}"))

    (notice,) = notices(file.curated())

    assert (notice.code, said in notice.message) == ("COLUMNS_DROPPED", True)
