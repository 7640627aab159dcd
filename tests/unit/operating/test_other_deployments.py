"""A copy of a deployment's bucket never reaches into the original: each command refuses its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landfall.commands.letter_choice import Choice
from landfall.operating.found import Found
from landfall.operating.lines import line_of
from landfall.operating.replay_plans import Plan, Refusal, Wish, plan_replay
from landfall.operating.replay_selection import plan_stale
from landfall.operating.replaying import Pace, Requests
from landfall.operating.resolving import resolve_failure
from landfall.operating.states import FileState, state_of
from landfall.operating.story import story_of
from landfall.operating.sweeping.findings import Kind, Tools
from landfall.operating.sweeping.rejects import sweep_quarantine
from landfall.operating.sweeping.stalls import sweep_stalls
from landfall.target import Target
from landfall.verifying.expected import expected_objects
from shared.errors import OtherDeployment
from shared.stages import Stage
from tests.doubles.queues import QUEUES, InMemoryQueues
from tests.doubles.s3 import EPOCH, InMemoryS3
from tests.histories import REPLAY, History
from tests.unit.operating.house import DEPLOYMENT, House, decrypted, kinds

COPY = "copy"
RECIPES = Path(__file__).resolve().parents[3] / "recipes"


class Restored(House):
    """A deployment whose ingest bucket holds a copy of another's records."""

    def copy(self, file: History) -> History:
        for bucket, key in list(file.s3.objects):
            if bucket == "ingest" and key.startswith(("manifests/", "quarantine/")):
                self.s3.put(COPY, key, file.s3.objects[bucket, key])
        return file

    def tools(self, *, announce: bool = False, fix: bool = False) -> Tools:
        tools = super().tools(announce=announce, fix=fix)
        requests = replace(tools.requests, bucket=COPY)
        return replace(tools, deployment=replace(DEPLOYMENT, ingest_bucket=COPY), requests=requests)

    async def state(self, file: History) -> FileState:
        found = await state_of(self.s3.store(), COPY, file.file_id)
        assert found is not None
        return found


@pytest.fixture
def house() -> Restored:
    return Restored()


@pytest.fixture
def original() -> History:
    """In a bucket that only its own deployment has."""
    return History(InMemoryS3())


@pytest.mark.parametrize("force", [False, True])
async def test_a_replay_is_refused_and_opens_nothing_anywhere(
    house: Restored, original: History, *, force: bool
) -> None:
    house.copy(original.through(Stage.ARCHIVE))
    found = Found(original.file_id, await house.state(original))
    refused = await plan_replay(house.s3.store(), COPY, found, Wish(force=force))
    assert isinstance(refused, Refusal)
    assert "OTHER_DEPLOYMENT" in refused.reason


async def test_no_request_is_ever_sent_about_such_a_file(original: History) -> None:
    s3, queues = InMemoryS3(), InMemoryQueues()
    requests = Requests(s3.store(), queues.asynchronous(), COPY, QUEUES, REPLAY)
    with pytest.raises(OtherDeployment):
        await requests.send([Plan(original.file, 1, Stage.DECRYPT, opens=True)], Pace(0))
    assert s3.objects == {}
    assert queues.bodies(Stage.DECRYPT) == []


async def test_its_story_is_not_told_and_its_line_says_why(house: Restored, original: History) -> None:
    house.copy(original.through(Stage.NORMALIZE))
    with pytest.raises(OtherDeployment):
        await story_of(house.s3.store(), COPY, original.file_id)
    assert (await line_of(house.s3.store(), COPY, await house.state(original))).stands == "OTHER_DEPLOYMENT"


async def test_its_failure_is_not_resolved(house: Restored, original: History) -> None:
    original.fail(Stage.DECRYPT)
    house.copy(original)
    with pytest.raises(OtherDeployment):
        await resolve_failure(house.s3.store(), COPY, original.file_id, by="ada", at=EPOCH, because="x")


async def test_stale_rows_are_not_looked_for(house: Restored, original: History) -> None:
    house.copy(original.through(Stage.ARCHIVE))
    with pytest.raises(OtherDeployment):
        await plan_stale(house.s3.store(), COPY, None, None, RECIPES)


async def test_a_table_is_not_verified_by_such_records(house: Restored, original: History) -> None:
    house.copy(original.through(Stage.ARCHIVE))
    with pytest.raises(OtherDeployment):
        await expected_objects(house.s3.store(), COPY, "sent", [original.file.landing_date])


async def test_a_sweep_reports_it_and_neither_announces_nor_asks_for_it(
    house: Restored, original: History
) -> None:
    house.copy(original.through(Stage.DECRYPT))
    assert kinds(await house.fix(sweep_stalls)) == [Kind.OTHER_DEPLOYMENT]
    assert house.events.published == []
    assert house.queues.bodies(Stage.NORMALIZE) == []


async def test_a_sweep_keeps_rejected_rows_that_the_copied_manifest_lists_elsewhere(
    house: Restored, original: History
) -> None:
    original.through(Stage.ARCHIVE)
    day = f"{original.file.landing_date:%Y/%m/%d}"
    original.s3.put("ingest", f"quarantine/{day}/{original.file_id}/Sent.jsonl", b"{}")
    house.copy(original)
    assert await house.fix(sweep_quarantine) == []


def test_its_dead_letter_is_not_sent_back(original: History) -> None:
    queues = InMemoryQueues()
    queues.dead(Stage.NORMALIZE, decrypted(original), code="NO_RECIPE")
    target = Target(replace(DEPLOYMENT, ingest_bucket=COPY), local=True)
    choice = Choice([original.file_id], only_bucket=COPY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Target, "sqs", lambda _: queues.client())
        with pytest.raises(OtherDeployment):
            choice.look(target)
        assert Choice([], only_bucket=COPY).look(target) == []
        assert len(Choice([]).look(target)) == 1
