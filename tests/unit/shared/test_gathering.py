"""One run a key at a time, for all who came before it began."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from shared.errors import AwsUnavailable, LandfallError, UpstreamMissing
from shared.gathering import Gathering
from tests.doubles.s3 import failure


class Recorder:
    """Doubles numbers; a run goes on when the test lets it."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, list[int]]] = []
        self.began = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, key: str, items: Sequence[int]) -> Sequence[int | LandfallError]:
        self.runs.append((key, list(items)))
        self.began.set()
        await self.go.wait()
        return [item * 2 for item in items]


async def turns() -> None:
    """As many turns of the loop as a run needs to begin, however long they take."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_first_waits_for_nobody_and_the_others_share_the_next_run() -> None:
    recorder = Recorder()
    gathering = Gathering(recorder)
    first = asyncio.create_task(gathering.submit("a", 1))
    await recorder.began.wait()
    others = [asyncio.create_task(gathering.submit("a", n)) for n in (2, 3, 4)]
    await turns()
    assert recorder.runs == [("a", [1])]
    recorder.go.set()
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert recorder.runs == [("a", [1]), ("a", [2, 3, 4])]


async def test_keys_do_not_wait_for_each_other() -> None:
    recorder = Recorder()
    gathering = Gathering(recorder)
    one = asyncio.create_task(gathering.submit("a", 1))
    other = asyncio.create_task(gathering.submit("b", 2))
    await turns()
    assert recorder.runs == [("a", [1]), ("b", [2])]
    recorder.go.set()
    assert (await one, await other) == (2, 4)


async def test_a_failure_is_only_of_the_item_it_belongs_to() -> None:
    async def picky(_: str, items: Sequence[int]) -> Sequence[int | LandfallError]:
        return [UpstreamMissing("odd") if item % 2 else item for item in items]

    gathering = Gathering(picky)
    outcomes = await asyncio.gather(*(gathering.submit("a", n) for n in range(3)), return_exceptions=True)
    assert (outcomes[0], outcomes[2]) == (0, 2)
    assert isinstance(outcomes[1], UpstreamMissing)


async def test_an_aws_error_fails_the_batch_each_with_an_exception_of_his_own() -> None:
    async def throttled(_: str, items: Sequence[int]) -> Sequence[int | LandfallError]:
        raise failure("GetTable", "ThrottlingException", 400)

    gathering: Gathering[int, int] = Gathering(throttled)
    one, two = await asyncio.gather(*(gathering.submit("a", n) for n in range(2)), return_exceptions=True)
    assert isinstance(one, AwsUnavailable)
    assert isinstance(two, AwsUnavailable)
    assert one is not two


async def test_a_defect_reaches_whoever_waits_and_the_next_batch_runs() -> None:
    broken = True

    async def sometimes(_: str, items: Sequence[int]) -> Sequence[int | LandfallError]:
        if broken:
            raise KeyError("defect")
        return list(items)

    gathering = Gathering(sometimes)
    with pytest.raises(KeyError):
        await gathering.submit("a", 1)
    broken = False
    assert await gathering.submit("a", 1) == 1


async def test_one_who_is_cancelled_does_not_take_the_others_along() -> None:
    recorder = Recorder()
    gathering = Gathering(recorder)
    running = [asyncio.create_task(gathering.submit("a", n)) for n in (1, 2, 3)]
    await asyncio.sleep(0.001)
    running[0].cancel()
    running[2].cancel()
    recorder.go.set()
    outcomes = await asyncio.gather(*running, return_exceptions=True)
    assert outcomes[1] == 4


async def test_a_batch_is_no_larger_than_allowed() -> None:
    sizes: list[int] = []

    async def work(_: str, items: Sequence[int]) -> Sequence[int | LandfallError]:
        sizes.append(len(items))
        return list(items)

    gathering = Gathering(work, most=10)
    assert await asyncio.gather(*(gathering.submit("a", n) for n in range(25))) == list(range(25))
    assert sizes == [10, 10, 5]


@pytest.mark.parametrize("answers", [[], [1], [1, 2, 3, 4]], ids=["none", "too few", "too many"])
async def test_answers_that_cannot_be_told_apart_fail_the_whole_batch(answers: list[int]) -> None:
    async def miscounting(_: str, items: Sequence[int]) -> Sequence[int | LandfallError]:
        return answers

    gathering: Gathering[int, int] = Gathering(miscounting)
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*(gathering.submit("a", n) for n in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [AwsUnavailable] * 3


async def test_a_run_that_is_cancelled_leaves_nobody_waiting() -> None:
    recorder = Recorder()
    gathering = Gathering(recorder)
    served = asyncio.create_task(gathering.submit("a", 1))
    await asyncio.sleep(0.001)
    later = asyncio.create_task(gathering.submit("a", 2))
    await asyncio.sleep(0.001)
    for run in asyncio.all_tasks() - {served, later, asyncio.current_task()}:
        run.cancel()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(served, later, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2


async def test_a_failure_that_cannot_be_copied_leaves_nobody_waiting() -> None:
    class Detailed(LandfallError):
        def __init__(self, reason: str, record: int) -> None:
            super().__init__(f"{reason} in record {record}")

    async def failing(_: str, items: Sequence[int]) -> Sequence[int | LandfallError]:
        raise Detailed("odd", 7)

    gathering: Gathering[int, int] = Gathering(failing)
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*(gathering.submit("a", n) for n in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, Exception) for outcome in outcomes)
