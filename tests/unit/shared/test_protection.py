"""ECS task protection: on while a file is in work, told only of changes, and never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from shared.worker import protection
from shared.worker.protection import protected

IDLE = 0.02  # seconds
ON = {"ProtectionEnabled": True, "ExpiresInMinutes": 60}
OFF = {"ProtectionEnabled": False}


@dataclass
class Agent:
    """What the ECS agent was told; ``status`` and ``answer`` are what it answers."""

    status: int = 200
    answer: dict[str, Any] = field(default_factory=lambda: {"protection": {}})
    content_type: str = "application/json"
    uri: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def put(self, request: web.Request) -> web.Response:
        self.told.append(await request.json())
        self._changed.set()
        await self.answers.wait()
        return web.json_response(self.answer, status=self.status, content_type=self.content_type)

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), timeout=5)


@asynccontextmanager
async def agent() -> AsyncIterator[Agent]:
    told = Agent()
    told.answers.set()
    app = web.Application()
    app.router.add_put("/task-protection/v1/state", told.put)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    told.uri = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield told
    await runner.cleanup()


async def test_a_task_is_protected_from_its_first_file_until_it_has_been_idle() -> None:
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        task.tell(busy=True)
        await ecs.until(lambda: ecs.told == [ON])
        task.tell(busy=False)
        await ecs.until(lambda: ecs.told == [ON, OFF])


async def test_a_file_that_ends_while_the_agent_answers_ends_the_protection() -> None:
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        ecs.answers.clear()
        task.tell(busy=True)
        await ecs.until(lambda: ecs.told == [ON])
        task.tell(busy=False)
        ecs.answers.set()
        await ecs.until(lambda: ecs.told == [ON, OFF])


async def test_an_answer_is_read_whatever_it_says_it_is() -> None:
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        ecs.content_type = "text/plain"
        task.tell(busy=True)
        await ecs.until(lambda: ecs.told == [ON])
        task.tell(busy=False)
        await ecs.until(lambda: ecs.told == [ON, OFF])


async def test_an_idle_task_tells_nothing() -> None:
    async with agent() as ecs:
        async with protected(ecs.uri, IDLE) as task:
            task.tell(busy=False)
            await asyncio.sleep(3 * IDLE)
        assert ecs.told == []


async def test_between_small_files_nothing_is_told() -> None:
    async with agent() as ecs, protected(ecs.uri, idle_seconds=30) as task:
        for _ in range(20):
            task.tell(busy=True)
            await ecs.until(lambda: bool(ecs.told))
            task.tell(busy=False)
            await asyncio.sleep(0.001)
        assert ecs.told == [ON]


async def test_a_task_that_is_never_idle_lets_ecs_have_it_from_time_to_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protection, "_LONGEST_SECONDS", IDLE)
    monkeypatch.setattr(protection, "_REST_SECONDS", 30)
    stopped: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        assert not task.needs_rest
        task.tell(busy=True)
        await ecs.until(lambda: ecs.told == [ON])
        await asyncio.sleep(2 * IDLE)
        assert task.needs_rest
        task.tell(busy=False)
        resting = asyncio.create_task(task.rest(stopped))
        await ecs.until(lambda: ecs.told == [ON, OFF])
        stopped.set_result(0.0)
        await resting
        async with asyncio.timeout(5):
            while task.needs_rest:  # noqa: ASYNC110 - nothing tells when it has read the answer
                await asyncio.sleep(0)


async def test_a_task_that_ecs_could_not_be_told_of_does_not_rest_again_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protection, "_LONGEST_SECONDS", 10 * IDLE)
    monkeypatch.setattr(protection, "_REST_SECONDS", IDLE)
    never: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        task.tell(busy=True)
        await ecs.until(lambda: ecs.told == [ON])
        ecs.status = 500
        await asyncio.sleep(11 * IDLE)
        assert task.needs_rest
        await task.rest(never)
        assert not task.needs_rest


async def test_a_protection_is_renewed_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "_RENEW_SECONDS", IDLE)
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        task.tell(busy=True)
        await ecs.until(lambda: ecs.told == [ON, ON, ON])


async def test_an_agent_that_refuses_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "_RETRY_SECONDS", IDLE)
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        ecs.status = 500
        task.tell(busy=True)
        await ecs.until(lambda: len(ecs.told) == 2)
        ecs.status = 200
        task.tell(busy=False)
        await ecs.until(lambda: ecs.told[-1] == OFF)


async def test_a_refusal_of_ecs_that_the_agent_passes_on_is_no_protection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The agent answers 200 then: ecs-agent/tmds/handlers/taskprotection/v1/handlers/handlers.go."""
    monkeypatch.setattr(protection, "_RETRY_SECONDS", IDLE)
    async with agent() as ecs, protected(ecs.uri, IDLE) as task:
        ecs.answer = {"failure": {"Arn": "arn", "Reason": "DEPLOYMENT_BLOCKED"}}
        task.tell(busy=True)
        await ecs.until(lambda: ecs.told == [ON, ON])


async def test_an_agent_that_is_not_there_hinders_nobody() -> None:
    async with protected("http://127.0.0.1:1", IDLE) as task:
        task.tell(busy=True)
        await asyncio.sleep(3 * IDLE)


async def test_outside_of_ecs_there_is_nobody_to_tell() -> None:
    async with protected(None) as task:
        task.tell(busy=True)
        assert len(asyncio.all_tasks()) == 1
