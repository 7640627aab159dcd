"""What queue messages mean: notifications, events, and everything else."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import UnreadableMessage
from shared.events import FileDecrypted, envelope
from shared.messages import LandingNotice, Message, Skipped, parse_message
from tests.builders import landed, notification

DECRYPTED = envelope(FileDecrypted(file=landed(), generation=0, event_id="e", manifest_key="k"))


def landed_at(when: str) -> str:
    return notification("landing/a.zip").replace("2026-01-31T12:00:00.000Z", when)


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("landing/20260131_Extract.zip", "landing/20260131_Extract.zip"),
        ("landing/a+b.zip", "landing/a b.zip"),
        ("landing/a%2Bb.zip", "landing/a+b.zip"),
        ("landing/100%25.csv", "landing/100%.csv"),
        ("landing/%C3%A9t%C3%A9.csv", "landing/été.csv"),
    ],
)
def test_keys_arrive_url_encoded(encoded: str, key: str) -> None:
    (request,) = parse_message(notification(encoded))
    assert isinstance(request, LandingNotice)
    assert request.file.key == key


def test_one_message_may_carry_several_records() -> None:
    records = [json.loads(notification(f"landing/{n}.csv"))["Records"][0] for n in range(3)]
    requests = parse_message(json.dumps({"Records": records}))
    assert [r.file.key for r in requests if isinstance(r, LandingNotice)] == [
        "landing/0.csv",
        "landing/1.csv",
        "landing/2.csv",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}), "S3 test event"),
        (notification("landing/folder/", size=0), "folder marker"),
        (notification("landing/a.csv", name="ObjectRemoved:Delete"), "S3 event ObjectRemoved:Delete"),
        (notification("landing/a.csv", name="Jane\nDoe"), "S3 event ?"),
        ('{"Records": []}', "S3 notification without records"),
    ],
)
def test_what_needs_no_work_is_skipped_with_a_reason(body: str, reason: str) -> None:
    assert parse_message(body) == [Skipped(reason)]


def test_a_zero_byte_file_is_no_folder_marker() -> None:
    (request,) = parse_message(notification("landing/empty.csv", size=0))
    assert isinstance(request, LandingNotice)


def test_our_events_survive_the_envelope() -> None:
    event = FileDecrypted(file=landed(), generation=2, event_id="e", manifest_key="manifests/x")
    assert parse_message(envelope(event)) == [event]


TOLD_AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("receives", "sent_after", "prompt"),
    [
        pytest.param(1, 2, True, id="at once, for the first time"),
        pytest.param(1, -2, True, id="by another clock"),
        pytest.param(2, 2, False, id="received before"),
        pytest.param(1, 900, False, id="sent back from the dead-letter queue"),
    ],
)
@pytest.mark.parametrize(
    "body", [notification("landing/a.csv"), json.dumps({"time": "2026-01-31T12:00:00Z", "detail": {}})]
)
def test_a_message_is_prompt_where_nobody_can_have_had_it_before(
    body: str, receives: int, sent_after: float, prompt: bool
) -> None:
    sent_at = TOLD_AT + timedelta(seconds=sent_after)
    assert Message("m", "r", body, receives, sent_at).is_prompt is prompt


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"Records": []}', '{"time": "soon"}', '{"time": null}'])
def test_a_message_that_does_not_say_when_is_not_prompt(body: str) -> None:
    assert not Message("m", "r", body, 1, TOLD_AT).is_prompt


def test_an_unversioned_bucket_is_refused() -> None:
    with pytest.raises(UnreadableMessage, match="not versioned"):
        parse_message(notification("landing/a.csv", versionId=None))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"Records": [{}]}',
        '{"detail": {"type": "OrderPlaced"}}',
        '{"detail": 3}',
        pytest.param("[" * 100_000, id="nested too deep"),
        pytest.param(notification("landing/\ud800.zip"), id="a key that is no text"),
        pytest.param(notification("landing/a.zip", versionId="\udfff"), id="a version that is no text"),
        pytest.param(landed_at("0001-01-01T00:00:00+14:00"), id="a day before the first"),
        pytest.param(landed_at("0987-01-01T00:00:00Z"), id="a day that no id can hold"),
        pytest.param(DECRYPTED.replace("landing/a.zip", r"\ud800"), id="an event about what is no text"),
        pytest.param(DECRYPTED.replace("2026-01-31T", "0001-01-01T"), id="an event about no day"),
    ],
)
def test_anything_else_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableMessage):
        parse_message(body)


@given(st.text(min_size=12))
def test_an_unreadable_message_is_never_quoted(secret: str) -> None:
    body = json.dumps({"Records": [{"eventName": secret}]})
    with pytest.raises(UnreadableMessage) as caught:
        parse_message(body)
    assert secret not in str(caught.value)


@given(st.text(alphabet=st.characters(exclude_categories=["L", "N", "Cs"]), min_size=1))
def test_the_name_of_a_field_that_we_do_not_know_is_never_quoted(name: str) -> None:
    """Why it was refused becomes an attribute of the dead letter, where SQS takes no control characters."""
    body = json.loads(DECRYPTED)
    body["detail"][f"\x01{name}"] = "x"
    with pytest.raises(UnreadableMessage) as caught:
        parse_message(json.dumps(body))
    assert str(caught.value) == "the message lacks or misuses FileDecrypted.(an unknown field)"


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused(content: object) -> None:
    for body in (content, {"detail": content}, {"Records": content}, {"Records": [content]}):
        with contextlib.suppress(UnreadableMessage):
            parse_message(json.dumps(body))
