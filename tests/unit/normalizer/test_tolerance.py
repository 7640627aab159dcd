"""A file that cannot be accepted any more is given up at once, and quarantine has a limit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.normalizer.crew.crew import Crew
from services.normalizer.errors import TooManyBadRows
from services.normalizer.rejects import QuarantineLimit
from services.normalizer.reporting import notices
from tests.unit.normalizer.decrypted import Normalizing
from tests.unit.normalizer.normalizing import ForwardOnly, Rejects, recipe_of, run

RECIPE = recipe_of("Id: {type: bigint, required: true}\nText: string", max_rejected="0.1")
TOLERANT = RECIPE.model_copy(update={"max_rejected": 1.0})
GOOD, BAD = "1,a\n", "bad\n"


class Counting(ForwardOnly):
    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.taken = 0

    def read(self, size: int) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def refusal(content: str | bytes, rejects: Rejects | None = None, **more: Any) -> str | None:
    data = content.encode() if isinstance(content, str) else content
    try:
        run(data, RECIPE, rejects=rejects, source_bytes=len(data), **more)
    except TooManyBadRows as error:
        return error.message
    return None


def test_a_file_is_given_up_as_soon_as_the_rest_cannot_make_up_for_its_bad_rows() -> None:
    said = refusal("Id,Text\n" + BAD * 500 + GOOD * 500, piece_bytes=400)

    assert said == (
        "things.csv: 200 of the first 200 rows were rejected (ragged: 200), "
        "more than the rest can make up for; the recipe tolerates 10.00%"
    )


def test_a_file_is_read_on_while_the_shortest_rows_that_are_left_could_make_up_for_the_bad_ones() -> None:
    content = "Id,Text\n" + BAD * 10 + ",\n" * 95

    assert refusal(content, piece_bytes=8) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_is_left_of_a_hopeless_file_is_not_read(encoding: str) -> None:
    content = ("Id,Text\n" + BAD * 1_000_000).encode(encoding)
    source = Counting(content)

    with pytest.raises(TooManyBadRows):
        run(content, RECIPE, source=source, source_bytes=len(content), piece_bytes=4000)

    assert source.taken < len(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "cp1252"])
@settings(deadline=None)
@given(st.lists(st.sampled_from([GOOD, BAD, ",\n", "2,é\n", "\n", "€€€\n"]), max_size=60), st.integers(1, 30))
def test_a_file_is_given_up_only_if_it_is_refused_when_read_to_its_end(
    encoding: str, rows: list[str], piece_bytes: int
) -> None:
    recipe = RECIPE.model_copy(update={"encoding": encoding})
    content = ("Id,Text\n" + "".join(rows)).encode(encoding)

    def refused(**more: Any) -> bool:
        try:
            run(content, recipe, piece_bytes=piece_bytes, **more)
        except TooManyBadRows:
            return True
        return False

    assert refused(source_bytes=len(content)) == refused()


def test_it_is_given_up_at_the_same_row_however_many_processes_there_are() -> None:
    content = "Id,Text\n" + GOOD * 300 + BAD * 3000
    outcomes = []
    for size in (1, 3):
        rejects = Rejects()
        with Crew(size) as crew:
            said = refusal(content, rejects, crew=crew, piece_bytes=100, quarantine=QuarantineLimit(rows=150))
        outcomes.append((said, rejects.records))

    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0][1]) == 150


def test_the_first_rejected_rows_are_kept_and_all_are_counted() -> None:
    content = "Id,Text\n" + (GOOD + BAD + "x,y\n") * 50

    outcome = run(content, TOLERANT, piece_bytes=50, quarantine=QuarantineLimit(rows=7))

    assert [number for number, _, _ in outcome.rejects] == [3, 4, 6, 7, 9, 10, 12]
    assert outcome.account.rejected_by_reason == {"invalid:id": 50, "ragged": 50}
    assert outcome.account.not_quarantined == 93


def test_the_row_that_reaches_the_limit_in_bytes_is_the_last() -> None:
    outcome = run("Id,Text\n" + BAD * 50, TOLERANT, quarantine=QuarantineLimit(size=10))

    assert (len(outcome.rejects), outcome.account.not_quarantined) == (4, 46)


def test_a_refusal_says_how_many_of_the_rows_are_not_in_quarantine() -> None:
    said = refusal("Id,Text\n" + BAD * 5, quarantine=QuarantineLimit(rows=3))

    assert said is not None
    assert said.endswith("; the last 2 of them are not in quarantine")


@pytest.mark.parametrize("limit", [QuarantineLimit(rows=1), QuarantineLimit(rows=0)])
async def test_manifest_and_notice_say_how_many_were_left_out(limit: QuarantineLimit) -> None:
    file = Normalizing(body=b"SendID,Key\nx,k\ny,k\n3,k\n")
    recipe = recipe_of("SendID: {type: bigint, required: true}\nKey: {hash: identifier}", max_rejected="1")
    await file.run(recipe, quarantine=limit)
    (notice,) = notices(file.curated())

    assert file.curated().rows.not_quarantined == 2 - limit.rows
    assert f"{2 - limit.rows} more are not" in notice.message
    assert len(file.quarantine) == limit.rows
