"""Which version a profile's name means where a table has begun with one."""

from __future__ import annotations

import pytest

from services.normalizer.matchkeys import NEWEST_VERSIONS, UnknownProfile, profile_for
from tests.unit.normalizer.normalizing import recipe_of

NEWEST = NEWEST_VERSIONS["amazon"]


@pytest.mark.parametrize(
    ("name", "versions", "meant"),
    [
        ("amazon", {}, f"amazon@{NEWEST}"),
        ("amazon", {"amazon": 1}, "amazon@1"),
        ("AMAZON", {"amazon": 1}, "amazon@1"),
        ("amazon@2", {"amazon": 1}, "amazon@2"),
        ("amazon@1", {}, "amazon@1"),
        ("amazon", {"plain": 1}, f"amazon@{NEWEST}"),
    ],
)
def test_a_name_takes_the_tables_version_unless_it_has_its_own(
    name: str, versions: dict[str, int], meant: str
) -> None:
    assert profile_for(name, "email", versions).id == meant


def test_a_field_that_the_tables_version_lacks_takes_the_first_later_version_that_has_it() -> None:
    """No row can hold it yet: streets came with version 2."""
    assert profile_for("amazon", "street", {"amazon": 1}).id == "amazon@2"
    recipe = recipe_of("""
        Mail: {hash: email, profiles: [amazon], required: true}
        Street: {hash: street, profiles: [amazon]}
    """).under({"amazon": 1})
    assert recipe.profile_by_column == {"email_amazon": "amazon@1", "street_amazon": "amazon@2"}


def test_a_version_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownProfile):
        profile_for("amazon", "email", {"amazon": 99})
