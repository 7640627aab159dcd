"""Exclude patterns: what the Glue developer guide says that each of them excludes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.local.glue.globs import compile_glob

KEYS = st.text(alphabet="abc/=.-", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("pattern", "excluded", "kept"),
    [
        ("*.csv", ["a.csv", ".csv"], ["a/b.csv", "a.csv.gz"]),
        ("*.{csv,avro}", ["a.csv", "a.avro"], ["a.parquet"]),
        ("foo.?", ["foo.a"], ["foo.", "foo.ab", "foo./"]),
        ("myfolder/*/*", ["myfolder/a/b"], ["myfolder/a", "myfolder/a/b/c"]),
        ("myfolder/**", ["myfolder/a", "myfolder/a/b/c"], ["myfolder", "other/a"]),
        ("data-[a-c]?.csv", ["data-b1.csv"], ["data-d1.csv"]),
        ("data-[!a-c].csv", ["data-d.csv"], ["data-a.csv", "data-/.csv"]),
        (r"a\*b", ["a*b"], ["axb"]),
        ("*/source=*/**", ["subs/source=x/snapshot=1/a.parquet"], ["sent/ingest_date=1/source=x/a"]),
    ],
)
def test_documented_patterns(pattern: str, excluded: list[str], kept: list[str]) -> None:
    glob = compile_glob(pattern)
    matched = [key for key in excluded + kept if glob.fullmatch(key)]
    assert matched == excluded


@pytest.mark.parametrize("pattern", ["a[b", "a}", "{a,b", "a\\"])
def test_unbalanced_patterns_are_taken_literally_or_closed(pattern: str) -> None:
    literal = {"{a,b": "b"}.get(pattern, pattern)
    assert compile_glob(pattern).fullmatch(literal)


@given(KEYS)
def test_two_stars_match_every_key(key: str) -> None:
    assert compile_glob("**").fullmatch(key)


@given(KEYS)
def test_one_star_matches_within_one_folder(key: str) -> None:
    assert bool(compile_glob("*").fullmatch(key)) == ("/" not in key)


@given(KEYS, KEYS)
def test_a_pattern_without_wildcards_matches_itself_only(pattern: str, key: str) -> None:
    assert bool(compile_glob(pattern).fullmatch(key)) == (pattern == key)
