"""What the Clean Rooms template lets partners do, and what its role may read."""

from __future__ import annotations

from typing import Any

from landfall.deployment import TEMPLATES
from services.normalizer.recipes import load_recipe
from tests.unit.local.templates.reading import default, granted, resources, template

STACK = "clean-rooms"


def rule() -> dict[str, Any]:
    """The aggregation rule of the configured table."""
    (table,) = resources(STACK, "AWS::CleanRooms::ConfiguredTable").values()
    (only,) = table["Properties"]["AnalysisRules"]
    assert only["Type"] == "AGGREGATION"
    found: dict[str, Any] = only["Policy"]["V1"]["Aggregation"]
    return found


def names(parameter: str) -> set[str]:
    return set(default(STACK, parameter).split(","))


def test_a_result_is_about_at_least_a_hundred_people_unless_somebody_decides_otherwise() -> None:
    (constraint,) = rule()["OutputConstraints"]
    assert constraint == {
        "ColumnName": {"Ref": "SubjectColumn"},
        "Minimum": {"Ref": "MinimumSubjects"},
        "Type": "COUNT_DISTINCT",
    }
    assert default(STACK, "MinimumSubjects") == 100


def test_match_keys_can_be_joined_on_but_never_shown() -> None:
    assert not names("JoinColumns") & names("DimensionColumns")
    assert rule()["ScalarFunctions"] == []


def test_only_overlaps_with_a_partners_own_table_are_counted_by_default() -> None:
    assert default(STACK, "JoinRequired") == "QUERY_RUNNER"


def test_the_default_columns_are_those_that_the_recipe_makes() -> None:
    recipe = load_recipe(TEMPLATES.parents[1] / "recipes" / f"{default(STACK, 'Table')}.yaml")
    named = names("JoinColumns") | names("DimensionColumns") | {default(STACK, "SubjectColumn")}
    assert named <= names("AllowedColumns") <= set(recipe.arrow_schema.names)


def test_the_role_is_for_one_membership_and_reads_one_table() -> None:
    (role,) = resources(STACK, "AWS::IAM::Role").values()
    trust = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert all("MembershipId" in str(each["Condition"]) for each in trust)
    named = {each["Sid"]: each for each in granted(role)}
    assert "${Bucket}/${Table}/*" in str(named["ReadObjects"]["Resource"])
    assert named["ListObjects"]["Condition"]["StringLike"] == {"s3:prefix": {"Fn::Sub": "${Table}/*"}}
    actions = {action for each in named.values() for action in _listed(each["Action"])}
    assert not [action for action in actions if ":Put" in action or ":Delete" in action or "*" in action]


def test_without_a_membership_there_is_neither_role_nor_association() -> None:
    for kind in ("AWS::IAM::Role", "AWS::CleanRooms::ConfiguredTableAssociation"):
        assert [each["Condition"] for each in resources(STACK, kind).values()] == ["IsMember"]


def test_everything_that_people_set_or_read_is_described() -> None:
    loaded = template(STACK)
    assert all(each["Description"] for each in (*loaded["Parameters"].values(), *loaded["Outputs"].values()))
    assert loaded["Parameters"]["Prefix"] == template("messaging")["Parameters"]["Prefix"]


def _listed(actions: Any) -> list[str]:
    return [actions] if isinstance(actions, str) else actions
