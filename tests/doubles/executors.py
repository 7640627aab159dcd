"""Executors for event loops under test."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn


class Reserved(ThreadPoolExecutor):
    """For a loop's default executor that nothing but the loop itself may use."""

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("the threads that the loop resolves names in are used for something else")
