"""``landfall normalize``: a local CSV becomes Parquet, all of it or none."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from landfall import cli

RECIPE = """
dataset: guests
version: 3
mode: append
match: [guests]
max_rejected: 0.5
columns:
  Email: {hash: email, required: true}
  Visits: bigint
"""
GOOD = "Email,Visits,Shoe Size\r\nAda@Example.com,3,38\r\nnobody,4,40\r\n"
RAGGED = GOOD + "bob@example.org,5,41,too much\r\n"
ADA = hashlib.sha256(b"ada@example.com").hexdigest()


class Runner:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.source = folder / "guests.csv"
        self.recipe = folder / "guests.yaml"
        self.out = folder / "made" / "out"
        self._capsys = capsys
        self.recipe.write_text(RECIPE)

    def run(self, csv: str, *more: str, recipe: str | None = None) -> tuple[int, str, str]:
        self.source.write_bytes(csv.encode())
        code = cli.main(
            [
                "normalize",
                str(self.source),
                "--recipe",
                recipe or str(self.recipe),
                "--out",
                str(self.out),
                *more,
            ]
        )
        shown = self._capsys.readouterr()
        return code, shown.out, shown.err

    def written(self) -> list[str]:
        return sorted(str(path.relative_to(self.out)) for path in self.out.rglob("*") if path.is_file())


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def test_blank_lines_are_told_and_are_no_rows(runner: Runner) -> None:
    _, out, _ = runner.run(GOOD + "\r\n\r\n", "--json")
    result = json.loads(out)

    assert (result["rows_in"], result["rows_out"], result["blank_lines"]) == (2, 2, 2)
    assert "blank_lines" in runner.run(GOOD + "\r\n")[1]


def test_the_result_is_one_object_that_accounts_for_every_row(runner: Runner) -> None:
    code, out, err = runner.run(RAGGED, "--json")
    result = json.loads(out)

    assert (code, err) == (0, "")
    assert {name: result[name] for name in ("dataset", "rows_in", "rows_out", "rows_rejected")} == {
        "dataset": "guests",
        "rows_in": 3,
        "rows_out": 2,
        "rows_rejected": 1,
    }
    assert result["blank_lines"] == 0
    assert result["rejected_by_reason"] == {"ragged": 1}
    assert result["invalid_by_column"] == {"email_plain": 1}
    assert result["dropped_columns"] == ["Shoe Size"]


def test_the_output_is_described_as_it_lies_there(runner: Runner) -> None:
    _, out, _ = runner.run(GOOD, "--json")
    (output,) = json.loads(out)["outputs"]
    content = Path(output["path"]).read_bytes()

    assert output == {
        "path": str(runner.out / "guests.csv.parquet"),
        "rows": 2,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def test_the_parquet_holds_what_the_recipe_names_and_nothing_else(runner: Runner) -> None:
    runner.run(GOOD)

    assert pq.read_table(runner.out / "guests.csv.parquet").to_pylist() == [
        {"email_plain": ADA, "visits": 3},
        {"email_plain": None, "visits": 4},
    ]


def test_rejected_rows_lie_beside_it_with_number_and_reason_and_are_not_shown(runner: Runner) -> None:
    _, out, err = runner.run(RAGGED, "--json")
    path = runner.out / "quarantine" / "guests.csv.jsonl"

    assert json.loads(out)["quarantine"] == str(path)
    assert [(line["record"], line["reason"]) for line in map(json.loads, path.read_text().splitlines())] == [
        (4, "ragged")
    ]
    assert "bob" not in out + err


def test_without_rejected_rows_there_is_no_quarantine(runner: Runner) -> None:
    _, out, _ = runner.run(GOOD, "--json")

    assert json.loads(out)["quarantine"] is None
    assert runner.written() == ["guests.csv.parquet"]


def test_a_second_run_replaces_the_first_with_the_same_bytes(runner: Runner) -> None:
    first, second = (runner.run(GOOD, "--json")[1] for _ in range(2))

    assert first == second
    assert runner.written() == ["guests.csv.parquet"]


def test_for_people_the_counts_stand_one_a_line(runner: Runner) -> None:
    _, out, _ = runner.run(RAGGED)

    lines = [line.split(maxsplit=1) for line in out.splitlines()]

    assert ["rows_out", "2"] in lines
    assert ["invalid_by_column", "email_plain 1"] in lines


def test_a_refused_file_ends_with_1_and_a_sentence_and_leaves_nothing(runner: Runner) -> None:
    ended, out, err = runner.run("Name,Visits\nAda,3\n", "--json")

    assert (ended, out) == (1, "")
    assert err.startswith("error: HEADER_MISMATCH: ")
    assert err.count("\n") == 1
    assert not runner.out.parent.exists()


def test_of_a_file_with_too_many_bad_rows_only_these_remain(runner: Runner) -> None:
    ended, out, err = runner.run("Email,Visits\nb@example.com,1\n" + "a@example.com,1,2\n" * 9, "--json")

    assert (ended, out) == (1, "")
    assert err.startswith("error: TOO_MANY_BAD_ROWS: ")
    assert err.count("\n") == 1
    assert runner.written() == ["quarantine/guests.csv.jsonl"]
    assert (runner.out / "quarantine" / "guests.csv.jsonl").read_text().count("\n") == 9


def test_rejects_of_an_earlier_run_do_not_outlast_a_good_one(runner: Runner) -> None:
    runner.run(RAGGED)
    runner.run(GOOD)

    assert runner.written() == ["guests.csv.parquet"]


def test_a_refused_file_leaves_alone_what_was_there(runner: Runner) -> None:
    runner.run(GOOD)
    before = (runner.out / "guests.csv.parquet").read_bytes()

    runner.run("Name\nAda\n")

    assert runner.written() == ["guests.csv.parquet"]
    assert (runner.out / "guests.csv.parquet").read_bytes() == before


def test_built_in_recipes_are_known_by_their_dataset(runner: Runner) -> None:
    code, out, _ = runner.run(
        "ClientID,ListID,Name,ListType\r\n7,8,Readers,Public\r\n", "--json", recipe="lists"
    )

    assert code == 0
    assert json.loads(out)["dataset"] == "lists"


def test_an_unknown_recipe_is_refused_with_the_names_of_those_there_are(runner: Runner) -> None:
    code, _, err = runner.run(GOOD, recipe="no-such-dataset")

    assert code == 1
    assert err.startswith("error: UNKNOWN_RECIPE: ")
    assert "lists" in err


def test_a_faulty_recipe_is_refused_with_the_line_of_the_fault(runner: Runner) -> None:
    runner.recipe.write_text(RECIPE.replace("Visits: bigint", "Visits: number"))

    code, _, err = runner.run(GOOD)

    assert code == 1
    assert f"{runner.recipe}:9: " in err


@pytest.mark.parametrize("content", [b"gr\xc3\xbcn\n", '{"pepper": "gr\u00fcn"}'.encode()])
def test_identifiers_are_hashed_under_the_pepper_of_a_file(content: bytes, runner: Runner) -> None:
    runner.recipe.write_text(RECIPE + "  Key: {hash: identifier}\n")
    pepper = runner.recipe.with_name("pepper")
    pepper.write_bytes(content)

    runner.run("Email,Key\nada@example.com,k1\n", "--pepper-file", str(pepper))

    assert pq.read_table(runner.out / "guests.csv.parquet").to_pylist() == [
        {
            "email_plain": ADA,
            "visits": None,
            "key_hash": hmac.new("gr\u00fcn".encode(), b"k1", hashlib.sha256).hexdigest(),
        }
    ]


def test_an_empty_pepper_file_is_refused(runner: Runner) -> None:
    pepper = runner.recipe.with_name("pepper")
    pepper.touch()

    code, _, err = runner.run(GOOD, "--pepper-file", str(pepper))

    assert code == 1
    assert err.startswith("error: PEPPER_UNUSABLE: ")


def test_a_missing_source_is_wrong_usage(runner: Runner) -> None:
    assert cli.main(["normalize", "nowhere.csv", "--recipe", "lists", "--out", str(runner.out)]) == 2
    assert not runner.out.exists()
