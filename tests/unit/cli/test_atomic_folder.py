"""A folder's files appear together or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall.atomic_folder import all_or_nothing


class Failed(Exception):
    pass


def fail_after_writing(out: Path) -> None:
    with all_or_nothing(out) as folder:
        (folder / "half").write_text("1")
        raise Failed


def write_two(out: Path) -> None:
    with all_or_nothing(out) as folder:
        (folder / "a").write_text("1")
        (folder / "b").write_text("2")


def test_files_and_those_in_subfolders_appear_at_the_end(tmp_path: Path) -> None:
    with all_or_nothing(tmp_path / "out") as folder:
        (folder / "a").write_text("1")
        (folder / "deep").mkdir()
        (folder / "deep" / "b").write_text("2")

    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "out/a",
        "out/deep/b",
    }
    assert (tmp_path / "out" / "deep" / "b").read_text() == "2"


def test_nothing_is_seen_before_the_end(tmp_path: Path) -> None:
    with all_or_nothing(tmp_path) as folder:
        (folder / "a").write_text("1")

        assert not (tmp_path / "a").exists()


def test_after_a_failure_neither_files_nor_new_folders_remain(tmp_path: Path) -> None:
    with pytest.raises(Failed):
        fail_after_writing(tmp_path / "new" / "folder")

    assert list(tmp_path.iterdir()) == []


def test_after_a_failure_what_was_there_is_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "half").write_text("whole")

    with pytest.raises(Failed):
        fail_after_writing(tmp_path)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"half": "whole"}


def test_files_replace_those_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    with all_or_nothing(tmp_path) as folder:
        (folder / "a").write_text("new")

    assert (tmp_path / "a").read_text() == "new"


def test_where_a_folder_is_in_the_way_of_one_file_no_other_is_moved(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()

    with pytest.raises(IsADirectoryError):
        write_two(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["b"]
