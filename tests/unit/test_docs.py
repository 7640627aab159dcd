"""The documentation says what the code does."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from shared.errors import LandfallError
from tests.generated_docs import ROOT, documents, errors

SCHEMAS = [path for path in documents() if path.parts[:2] == ("docs", "events")]
ALL_ERRORS = [error for found in errors().values() for error in found]


@pytest.mark.parametrize(("path", "text"), documents().items(), ids=[str(path) for path in documents()])
def test_generated_documents_are_current(path: Path, text: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == text, "run `make docs`"


def test_no_schema_of_a_removed_contract_is_left() -> None:
    published = {path.relative_to(ROOT) for path in (ROOT / "docs/events").glob("*.json")}
    assert published == set(SCHEMAS)


@pytest.mark.parametrize("path", SCHEMAS, ids=str)
def test_schemas_are_valid_json_schema(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads((ROOT / path).read_text(encoding="utf-8")))


def test_every_error_code_stands_for_one_cause() -> None:
    repeated = [code for code, count in Counter(error.code for error in ALL_ERRORS).items() if count > 1]
    assert repeated == []


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda error: error.__name__)
def test_every_error_says_what_to_do(error: type[LandfallError]) -> None:
    assert error.code == error.code.upper()
    assert error.advice.endswith(".")
    assert error.__doc__
