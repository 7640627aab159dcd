"""A column with keys of two versions of its profile is a discrepancy, with the command that mends it."""

from __future__ import annotations

from landfall.verifying.expected import Expected
from landfall.verifying.report import Discrepancy
from landfall.verifying.versions import mixed_versions
from services.cataloger.ordering import order_of
from shared.manifests import CuratedObject, RowCounts
from tests.builders import landed
from tests.unit.cataloger.files import appended

COLUMNS = {"email_plain": "string", "email_google": "string"}


def rows(
    key: str, profiles: dict[str, str] | None, many: int = 10, columns: dict[str, str] | None = None
) -> Expected:
    file = landed(key=f"landing/{key}")
    facts = {"profiles": profiles, "rows": RowCounts(rows_in=many, rows_out=many)}
    curated: CuratedObject = appended(file, columns=columns or COLUMNS).model_copy(update=facts)
    return Expected(file.file_id, order_of(file), curated, cataloged=True, failed=False)


def mixed(*objects: Expected) -> list[Discrepancy]:
    return list(mixed_versions(objects))


def test_objects_of_one_version_are_as_they_must_be() -> None:
    profiles = {"email_plain": "plain@2", "email_google": "google@1"}
    assert mixed(rows("a", profiles), rows("b", profiles)) == []


def test_a_column_with_two_versions_is_told_with_how_much_is_of_which() -> None:
    (found,) = mixed(
        rows("a", {"email_plain": "plain@1", "email_google": "google@1"}, 2_000),
        rows("b", {"email_plain": "plain@2", "email_google": "google@1"}),
    )
    assert found.code == "PROFILE_VERSIONS_MIXED"
    assert found.message == (
        "email_plain holds keys of plain@1 (2,000 rows of 1 file) and plain@2 (10 rows of 1 file): "
        "run `landfall replay sent --stale`"
    )


def test_rows_from_before_versions_were_recorded_are_of_version_1() -> None:
    newer = rows("b", {"email_plain": "plain@2"})
    assert [each.where for each in mixed(rows("a", None), newer)] == ["email_plain"]
    assert mixed(rows("a", None), rows("b", {"email_plain": "plain@1"})) == []


def test_a_column_that_the_older_rows_do_not_have_is_not_mixed() -> None:
    older = rows("a", None, columns={"email_plain": "string"})
    assert mixed(older, rows("b", {"email_google": "google@2"})) == []


def test_an_object_without_rows_holds_no_key() -> None:
    assert mixed(rows("a", {"email_plain": "plain@1"}, 0), rows("b", {"email_plain": "plain@2"})) == []
