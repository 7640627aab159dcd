"""``landfall recipe``: which recipes there are, what is wrong with them, and what one does to a sample."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from landfall import cli
from landfall.recipes import sampling
from tests.commands import Command, json_command

GUESTS = """dataset: guests
version: 3
mode: append
match: [guests]
max_rejected: 0.5
columns:
  Email: {hash: email, required: true, profiles: [plain, uid2]}
  Phone: {hash: phone}
  Visits: bigint
  Note: {type: string, name: remark}
  Status: drop
filters:
  - {column: Status, drop: [Test]}
unique_by: [Email]
"""
SAMPLE = (
    "Email,Visits,Note,Status,Shoe Size\r\n"
    "ada.secret@example.com,3,fine,Ok,38\r\n"
    "\r\n"
    "nobody-secret,many,write to bob.secret@example.org,Ok,40\r\n"
    "carol.secret@example.com,5,ok,TEST,41\r\n"
    "ada.secret@example.com,6,again,Ok,42\r\n"
    "dan.secret@example.com,7\r\n"
)


@pytest.fixture
def landfall(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "guests.yaml"
    path.write_text(GUESTS)
    return path


def sample(folder: Path, text: str = SAMPLE, name: str = "Guests.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def tried(landfall: Command, recipe: Path, text: str = SAMPLE) -> Any:
    return landfall("recipe", "check", str(recipe), "--sample", str(sample(recipe.parent, text)))["sample"]


def outputs(report: Any) -> dict[str, dict[str, Any]]:
    return {made["name"]: made for column in report["columns"] for made in column["outputs"]}


def test_the_recipes_in_force_are_listed_with_what_leaves(landfall: Command) -> None:
    found = {each["dataset"]: each for each in landfall("recipe", "list")}

    assert len(found) == 19
    subscribers = found["subscribers"]
    assert (subscribers["version"], subscribers["mode"], subscribers["match"]) == (
        *(1, "snapshot", ["subscribers"]),
    )
    assert subscribers["hashed"] == ["SubscriberKey", "EmailAddress", "SubscriberID"]
    assert "Status" in subscribers["kept"]
    assert found["clicks"]["dropped"][0] == "IpAddress"


def test_another_folder_may_be_in_force(recipe: Path, landfall: Command) -> None:
    assert [each["dataset"] for each in landfall("recipe", "list", "--recipes", str(recipe.parent))] == [
        "guests"
    ]


def test_for_people_each_recipe_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["recipe", "list"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 20
    assert any(line.split()[:4] == ["sent", "1", "append", "sent"] for line in lines)


def test_the_recipes_in_force_are_sound(landfall: Command) -> None:
    found = landfall("recipe", "check")

    assert len(found["recipes"]) == 19
    assert (found["errors"], found["sample"]) == ([], None)
    assert [warning for each in found["recipes"] for warning in each["warnings"]] == []


def test_what_becomes_of_each_column_is_told_and_what_may_not_be_meant_is_a_warning(
    recipe: Path, landfall: Command
) -> None:
    (found,) = landfall("recipe", "check", str(recipe))["recipes"]

    assert found["columns"][0] == {
        "source": "Email",
        "fate": "hashed as email by plain@2, uid2@2; read to leave out duplicates",
        "outputs": ["email_plain", "email_uid2"],
    }
    phone, note = found["warnings"]
    assert phone.startswith(f"{recipe}:8: Phone: without `country`")
    assert note.startswith(f"{recipe}:10: Note: this is kept in the clear")


def test_each_fault_is_told_with_file_and_line_and_ends_with_1(
    recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe.write_text(GUESTS.replace("bigint", "number").replace("append", "add"))
    other = recipe.with_name("broken.yaml")
    other.write_text("dataset: [\n")

    ended = cli.main(["recipe", "check", str(recipe), str(other), "--json"])

    errors = json.loads(capsys.readouterr().out)["errors"]
    assert ended == 1
    assert [error.split(": ")[0] for error in errors] == [f"{recipe}:3", f"{recipe}:9", f"{other}:2"]


@pytest.mark.parametrize(
    ("change", "line"), [(("guests", "guests"), 1), (("dataset: guests", "dataset: visitors"), 4)]
)
def test_two_recipes_that_claim_the_same_are_wrong_at_the_line_of_the_later_one(
    change: tuple[str, str], line: int, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = recipe.with_name("later.yaml")
    later.write_text(GUESTS.replace(*change))

    ended = cli.main(["recipe", "check", str(recipe), str(later), "--json"])

    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert ended == 1
    assert error.startswith(f"{later}:{line}: ")
    assert str(recipe) in error


def test_a_folder_stands_for_its_recipes(recipe: Path, landfall: Command) -> None:
    assert [each["file"] for each in landfall("recipe", "check", str(recipe.parent))["recipes"]] == [
        str(recipe)
    ]


def test_of_a_sample_every_row_is_accounted_for(recipe: Path, landfall: Command) -> None:
    account = tried(landfall, recipe)["account"]

    assert account["rows_in"] == 5
    assert (account["rows_out"], account["rejected"], account["filtered"], account["duplicates"]) == (
        2,
        1,
        1,
        1,
    )
    assert (account["blank_lines"], account["rejected_by_reason"]) == (1, {"ragged": 1})


def test_of_each_output_column_it_is_told_how_many_values_are_written_invalid_or_withheld(
    recipe: Path, landfall: Command
) -> None:
    made = outputs(tried(landfall, recipe))

    assert {name: (each["written"], each["invalid"], each["suppressed"]) for name, each in made.items()} == {
        "email_plain": (1, 1, 0),
        "email_uid2": (1, 1, 0),
        "phone_plain": (0, 0, 0),
        "visits": (1, 1, 0),
        "remark": (1, 0, 1),
    }
    assert made["visits"]["type"] == "bigint"


def test_columns_that_never_leave_and_columns_that_are_missing_are_told(
    recipe: Path, landfall: Command
) -> None:
    report = tried(landfall, recipe)

    assert report["dropped"] == ["Shoe Size"]
    assert [each["source"] for each in report["columns"] if each["missing"]] == ["Phone"]
    assert next(each for each in report["columns"] if each["source"] == "Status")["outputs"] == []


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize("line_end", ["", "\x85", "\u2028"])
def test_no_value_of_a_sample_without_line_ends_is_shown(
    line_end: str, more: list[str], recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    swallowed = sample(recipe.parent, SAMPLE.replace("\r\n", line_end))

    cli.main(["recipe", "check", str(recipe), "--sample", str(swallowed), *more])

    shown = capsys.readouterr()
    assert "HEADER_MISMATCH" in shown.out + shown.err
    assert "secret" not in shown.out + shown.err


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_no_value_of_a_sample_is_shown_and_nothing_of_it_is_kept(
    more: list[str],
    recipe: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    cli.main(["recipe", "check", str(recipe), "--sample", str(sample(recipe.parent)), *more])

    shown = capsys.readouterr()
    assert "Visits" in shown.out
    for value in ("secret", "fine", "again", "38", "40"):
        assert value not in shown.out + shown.err
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SAMPLE + "ragged\r\n" * 9, "TOO_MANY_BAD_ROWS"),
        ("Name,Visits\r\nAda,3\r\n", "HEADER_MISMATCH"),
        ("Email,Email,Status\r\na,b,c\r\n", "AMBIGUOUS_HEADER"),
    ],
)
def test_a_sample_that_would_be_refused_ends_with_1_and_says_why(
    text: str, code: str, recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["recipe", "check", str(recipe), "--sample", str(sample(recipe.parent, text))]

    assert cli.main([*command, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["sample"]["refused"].startswith(f"{code}: ")
    assert cli.main(command) == 1
    assert f"would refuse this file: {code}: " in capsys.readouterr().err


def test_without_a_recipe_the_one_in_force_for_the_samples_name_is_tried(
    tmp_path: Path, landfall: Command
) -> None:
    path = sample(tmp_path, "ListID,Name,ListType\r\n8,Readers,Public\r\n", "20260131_Lists.csv")

    report = landfall("recipe", "check", "--sample", str(path))["sample"]

    assert (report["recipe"], report["matched"]) == ("lists@1", True)


def test_a_sample_that_no_recipe_matches_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["recipe", "check", "--sample", str(sample(tmp_path))]) == 1
    assert capsys.readouterr().err.startswith("error: NO_RECIPE: ")


def test_the_only_recipe_given_is_tried_whatever_the_samples_name(recipe: Path, landfall: Command) -> None:
    path = sample(recipe.parent, name="export.csv")

    assert landfall("recipe", "check", str(recipe), "--sample", str(path))["sample"]["matched"] is False


def test_progress_is_told_on_a_large_sample(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sampling, "_WORTH_A_BAR", 1)
    monkeypatch.setattr(sampling, "_MB", 10)

    cli.main(["recipe", "check", str(recipe), "--sample", str(sample(recipe.parent)), "--json"])

    shown = capsys.readouterr()
    assert "megabytes read: " in shown.err
    assert json.loads(shown.out)["sample"]["account"]["rows_in"] == 5
