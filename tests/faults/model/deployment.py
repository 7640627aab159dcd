"""Everything that runs, and the recipes that are deployed now."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from shared.stages import Stage
from tests.doubles.aws import Aws
from tests.doubles.virtual_loop import VirtualLoop
from tests.faults.model.gate import Fate
from tests.faults.model.process import Process

T = TypeVar("T")


class Deployment:
    """Processes of all stages over one AWS, moved on call by call."""

    def __init__(self, recipes: Path, random: Random) -> None:
        self.loop = VirtualLoop()
        self.recipes = recipes
        self.aws = Aws(self.loop.time, random)
        self.processes: list[Process] = []
        self.steps = 0
        self._random = random
        for stage in Stage:
            self.start(stage)

    def start(self, stage: Stage) -> None:
        """Run one more process of a stage."""

        async def start() -> None:
            self.processes.append(Process(stage, self.aws, self.recipes, self._random))
            await self.loop.idle()

        self.run(start())

    @property
    def is_busy(self) -> bool:
        """Whether any process is about to do something other than ask for messages."""
        return any(process.gate.next_call not in (None, "receive_message") for process in self.processes)

    def step(self, process: Process, fate: Fate = Fate.ANSWERED) -> None:
        """Decide the fate of a process's next call, and let it go on until it makes another."""

        async def step() -> None:
            process.gate.pass_next(fate)
            await self.loop.idle()

        self.steps += 1
        self.run(step())
        if process.ended:
            self.kill(process)  # with it end the jobs that it could neither finish nor hand back

    def kill(self, process: Process) -> None:
        """SIGKILL: whatever the process was about to ask of AWS is never asked."""
        process.gate.close()
        self.processes.remove(process)
        self.run(self.loop.end_all_of(process))

    def ask_to_stop(self, process: Process) -> None:
        """SIGTERM."""

        async def stop() -> None:
            process.ask_to_stop()
            await self.loop.idle()

        self.run(stop())

    def tick(self, seconds: float) -> None:
        """Let time pass, a little at a time, so that whoever must act in between can."""

        async def tick() -> None:
            self.loop.now += seconds
            await self.loop.idle()

        self.run(tick())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the loop."""
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        """End everything."""
        for process in list(self.processes):
            self.kill(process)
        self.run(self.loop.shutdown_asyncgens())
        self.loop.close()
