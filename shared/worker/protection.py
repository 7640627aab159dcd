"""ECS task protection: while a file is in work, scaling in and deployments end other tasks first.

Files may follow one another without a pause for days, and a deployment waits for every protected task of the
former version. So a task that has been protected for long takes no file for a moment, and lets ECS have it.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from shared.logs import get_logger

log = get_logger()

AGENT_URI = "ECS_AGENT_URI"  # set by ECS in every container
_CALL_SECONDS = 2.0
_EXPIRES_MINUTES = 60  # a task that hangs does not block deployments for longer
_RENEW_SECONDS = 20 * 60.0
_RETRY_SECONDS = 30.0
_LONGEST_SECONDS = 15 * 60.0  # without a rest
_REST_SECONDS = 30.0  # ECS looks every few seconds which tasks it may end


class Protection:
    """Remembers whether the task is busy; outside ECS nobody is told."""

    def __init__(self) -> None:
        self._busy = False
        self._changed = asyncio.Event()
        self._since: float | None = None

    def tell(self, *, busy: bool) -> None:
        """The task has, or no longer has, a file in work. Never waits."""
        if busy != self._busy:
            self._busy = busy
            self._changed.set()

    @property
    def needs_rest(self) -> bool:
        """Whether ECS has waited long enough for a moment in which it may end the task."""
        return self._since is not None and asyncio.get_running_loop().time() - self._since >= _LONGEST_SECONDS

    async def rest(self, stop: asyncio.Future[float]) -> None:
        """Do nothing for a while, which ECS may use to end the task; for when no file is in work."""
        await asyncio.wait({stop}, timeout=_REST_SECONDS)
        if self._since is not None:  # ECS could not be told; it is no reason to rest again at once
            self._since = asyncio.get_running_loop().time()

    async def keep_told(self, agent_uri: str, idle_seconds: float) -> None:
        """Tell the ECS agent of every change, forever; what fails is tried again and stops no work.

        Args:
            agent_uri: Where the agent listens.
            idle_seconds: How long the task must be idle before its protection ends: between many small files
                it would change many times a second.
        """
        told = False
        due: float | None = None  # when to say it again, changed or not
        loop = asyncio.get_running_loop()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_CALL_SECONDS)) as session:
            while True:
                await self._change(until=due)
                while not self._busy and await self._change(until=loop.time() + idle_seconds):
                    pass  # there was a file in between
                if self._busy == told and (due is None or loop.time() < due):
                    continue
                busy = self._busy  # it may change while the agent answers
                if await _put(session, agent_uri, enabled=busy):
                    if told != busy:
                        self._since = loop.time() if busy else None
                    told = busy
                    due = loop.time() + _RENEW_SECONDS if told else None
                else:
                    due = loop.time() + _RETRY_SECONDS

    async def _change(self, until: float | None) -> bool:
        try:
            async with asyncio.timeout_at(until):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True


@asynccontextmanager
async def protected(agent_uri: str | None, idle_seconds: float = 5.0) -> AsyncIterator[Protection]:
    """A protection that ECS is told of while the block runs, where there is an ECS agent."""
    protection = Protection()
    if agent_uri is None:
        yield protection
        return
    telling = asyncio.create_task(protection.keep_told(agent_uri, idle_seconds))
    try:
        yield protection
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


async def _put(session: aiohttp.ClientSession, agent_uri: str, *, enabled: bool) -> bool:
    body: dict[str, bool | int] = {"ProtectionEnabled": enabled}
    if enabled:
        body["ExpiresInMinutes"] = _EXPIRES_MINUTES
    try:
        async with session.put(f"{agent_uri}/task-protection/v1/state", json=body) as answer:
            answer.raise_for_status()
            told: object = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        log.warning("task_protection_failed", enabled=enabled, error_type=type(error).__name__)
        return False
    # What ECS refuses, the agent passes on with status 200.
    if isinstance(told, dict) and told.get("failure"):
        log.warning("task_protection_failed", enabled=enabled, error_type=_refusal(told["failure"]))
        return False
    log.debug("task_protection_changed", enabled=enabled)
    return True


def _refusal(failure: object) -> str:
    """ECS's word for it, such as TASK_NOT_VALID."""
    return str(failure.get("Reason")) if isinstance(failure, dict) else "unknown"
