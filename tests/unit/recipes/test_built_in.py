"""The built-in recipes: every SFMC tracking file has one, and none lets personal data through."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall.demo.extract import build_extract
from services.normalizer.errors import HeaderMismatch
from services.normalizer.matchkeys import match_key
from services.normalizer.recipes import Recipe, load_recipe, load_recipes
from services.normalizer.recipes.fates import Drop, Hash, Keep
from tests.unit.normalizer.normalizing import run

FOLDER = Path(__file__).parents[3] / "recipes"
BOOK = load_recipes(FOLDER)
RECIPES = [pytest.param(recipe, id=recipe.dataset) for recipe in BOOK]

# Headers as public loaders of tracking extracts have them.
_STEM = "ClientID,SendID,SubscriberKey,EmailAddress,SubscriberID,ListID,EventDate,EventType"
_TAIL = "BatchID,TriggeredSendExternalKey"
_PLACE = "IpAddress,Country,Region,City,Latitude,Longitude,MetroCode,AreaCode"
_READER = f"{_PLACE},Browser,EmailClient,OperatingSystem,Device"
HEADERS = {
    "Attributes.csv": "ClientID,SubscriberKey,EmailAddress,SubscriberID,FirstName,LastName",
    "Bounces.csv": f"{_STEM},BounceCategory,SMTPCode,BounceReason,{_TAIL}",
    "Clicks.csv": f"{_STEM},SendURLID,URLID,URL,Alias,{_TAIL},IsUnique,IsUniqueForURL,{_READER}",
    "Complaints.csv": f"{_STEM},{_TAIL},Domain",
    "Conversions.csv": f"{_STEM},ReferringURL,LinkAlias,ConversionData,{_TAIL},URLID",
    "Lists.csv": "ClientID,ListID,Name,Description,DateCreated,Status,ListType",
    "NotSent.csv": f"{_STEM},{_TAIL},Reason",
    "Opens.csv": f"{_STEM},{_TAIL},IsUnique,{_READER}",
    "SendJobImpression.csv": "SendID,SubscriberKey,EmailAddress,EventDate,ImpressionRegionName,BatchID",
    "SendJobs.csv": "ClientID,SendID,FromName,FromEmail,SchedTime,SentTime,Subject,EmailName,"
    "TriggeredSendExternalKey,SendDefinitionExternalKey,JobStatus,PreviewURL,IsMultipart,Additional",
    "Sent.csv": f"{_STEM},{_TAIL},CampaignID",
    "Subscribers.csv": "ClientID,SubscriberKey,EmailAddress,SubscriberID,"
    "Status,DateHeld,DateCreated,DateUnsubscribed",
    "Surveys.csv": f"{_STEM},Question,Answer,{_TAIL}",
    "Unsubs.csv": f"{_STEM},{_TAIL},UnsubReason",
}
TRACKING_FILES = [
    *("Attributes", "Bounces", "ClickImpression", "Clicks", "Complaints", "Conversions", "ListMembership"),
    *("Lists", "MultipleDataExtensionSendLists", "NotSent", "Opens", "SendImpression", "SendJobImpression"),
    *("SendJobs", "Sent", "StatusChange", "Subscribers", "Surveys", "Unsubs"),
]
NEVER_KEPT = {
    *("SubscriberKey", "EmailAddress", "SubscriberID", "FromName", "FromEmail", "Subject", "Additional"),
    *(
        "PreviewURL",
        "IpAddress",
        "Country",
        "Region",
        "City",
        "Latitude",
        "Longitude",
        "MetroCode",
        "AreaCode",
    ),
    *(
        "BounceReason",
        "UnsubReason",
        "Reason",
        "Question",
        "Answer",
        "ConversionData",
        "Description",
        "Domain",
    ),
    *("FirstName", "LastName", "Phone", "MobilePhone", "Note", "Street", "BirthDate", "Gender", "PostalCode"),
}


# What some loaders have and others do not.
OPTIONAL = {*f"IsUnique,IsUniqueForURL,{_READER},CampaignID,UnsubReason".split(",")}


def always(name: str) -> list[str]:
    """The columns that every loader has in a file of that name."""
    return [column for column in HEADERS[name].split(",") if column not in OPTIONAL]


def recipe_for(name: str) -> Recipe:
    recipe = BOOK.match(name)
    assert recipe is not None, f"{name} has no recipe"
    return recipe


@pytest.mark.parametrize("name", TRACKING_FILES)
def test_every_tracking_file_has_a_recipe_of_its_own(name: str) -> None:
    assert recipe_for(f"20260131_Extract/{name}.csv").dataset.replace("_", "") == name.lower()


def test_there_are_no_other_recipes() -> None:
    assert len(BOOK) == len(TRACKING_FILES)


@pytest.mark.parametrize("name", HEADERS)
def test_a_full_file_is_understood_to_its_last_column(name: str) -> None:
    account = run(HEADERS[name] + "\n", recipe_for(name)).account

    assert account.dropped_unnamed == 0


@pytest.mark.parametrize("name", HEADERS)
def test_a_file_without_the_columns_that_not_every_account_has_is_understood(name: str) -> None:
    account = run(",".join(always(name)) + "\n", recipe_for(name)).account

    assert account.dropped_unnamed == 0


@pytest.mark.parametrize("name", HEADERS)
def test_columns_may_stand_in_another_order(name: str) -> None:
    account = run(",".join(reversed(always(name))) + "\n", recipe_for(name)).account

    assert account.dropped_unnamed == 0


@pytest.mark.parametrize("name", sorted(HEADERS.keys() - {"Attributes.csv"}))
def test_a_file_of_another_kind_is_refused_unless_it_has_all_columns_of_this_one(name: str) -> None:
    """Attributes are left out: only its name tells that file, for its columns are the account's own."""
    for other in HEADERS.keys() - {name}:
        if not set(always(name)) <= set(always(other)):
            with pytest.raises(HeaderMismatch):
                run(HEADERS[other] + "\n", recipe_for(name))


def test_every_file_of_a_whole_extract_goes_through_without_a_loss() -> None:
    extract = build_extract(subscribers=60, events=300)
    accounts = {name: run(body, recipe_for(name)).account for name, body in extract.csvs.items()}

    assert {name: account.rows_out for name, account in accounts.items()} == extract.rows
    assert {name for name, account in accounts.items() if account.dropped_columns} == {"Attributes.csv"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_personal_columns_are_hashed_or_dropped(recipe: Recipe) -> None:
    kept = {name for name, fate in recipe.columns.items() if isinstance(fate, Keep)}

    assert kept & NEVER_KEPT == set()


@pytest.mark.parametrize("name", HEADERS)
def test_a_marked_value_in_every_text_column_leaves_only_in_columns_that_are_meant_for_it(name: str) -> None:
    recipe = recipe_for(name)
    header = HEADERS[name].split(",")
    marked = [f"mark-{column}" if column in NEVER_KEPT else "" for column in header]

    outcome = run(f"{HEADERS[name]}\n{','.join(marked)}\n", recipe)

    assert "mark-" not in str(outcome.rows)
    assert b"mark-" not in outcome.parquet


@pytest.mark.parametrize("recipe", RECIPES)
def test_subscriber_keys_and_ids_are_hashed_as_identifiers(recipe: Recipe) -> None:
    for source in {"SubscriberKey", "SubscriberID"} & recipe.columns.keys():
        fate = recipe.columns[source]
        assert isinstance(fate, Hash)
        assert fate.is_identifier


@pytest.mark.parametrize("recipe", RECIPES)
def test_urls_are_never_kept_as_text(recipe: Recipe) -> None:
    for source, fate in recipe.columns.items():
        if "URL" in source.upper() and not isinstance(fate, Drop):
            assert isinstance(fate, Keep)
            assert fate.type in {"url", "bigint", "boolean"}


def test_full_refreshes_replace_and_events_add() -> None:
    assert {recipe.dataset for recipe in BOOK if recipe.mode == "snapshot"} == {
        *("subscribers", "attributes", "lists", "list_membership")
    }


def test_a_phone_column_of_attributes_goes_by_many_names_and_the_rows_country() -> None:
    recipe = recipe_for("Attributes.csv")
    content = "SubscriberKey,EmailAddress,Mobile Number,Country\n1,,030 901820,Germany\n2,,(650) 253-0000,\n"

    assert None not in run(content, recipe).column("phone_plain")


def test_sent_and_not_sent_may_have_their_columns_in_another_order() -> None:
    header = "ClientID,SendID,EmailAddress,SubscriberID,ListID,EventDate,EventType,BatchID"
    content = (
        f"{header},TriggeredSendExternalKey,SubscriberKey,Reason\n1,2,e,3,4,1/31/2026 1:00:00 PM,t,5,x,k,r\n"
    )

    (row,) = run(content, recipe_for("NotSent.csv")).rows

    assert (row["batch_id"], row["triggered_send_external_key"]) == (5, "x")


def test_the_template_for_data_extensions_is_a_recipe_and_is_not_in_force() -> None:
    template = load_recipe(FOLDER / "templates" / "data_extension.yaml")

    assert template.dataset not in {recipe.dataset for recipe in BOOK}
    assert template.arrow_schema.names[:2] == ["email_plain", "email_uid2"]


def test_the_template_for_mobileconnect_reads_numbers_as_international() -> None:
    template = load_recipe(FOLDER / "templates" / "mobileconnect.yaml")
    content = "MobileNumber,CountryCode\n4792813113,US\n6502530000,US\n07911123456,GB\n"

    found = run(content, template).column("phone_plain")

    assert template.dataset not in {recipe.dataset for recipe in BOOK}
    assert found == [
        match_key("plain", "phone", "+4792813113").match_key,
        None,
        match_key("plain", "phone", "+447911123456").match_key,
    ]
