"""The model: anything may happen at any time, and in the end every file is exactly where it must be.

Hypothesis chooses what happens; when something is wrong in the end, it looks for the shortest way there.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from unittest.mock import patch

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from landfall.operating.found import Found
from landfall.operating.replay_plans import Refusal, Wish, plan_replay
from landfall.operating.states import state_of
from shared.events import Replay, ReplayRequested, envelope
from shared.identity import LandedFile
from shared.lineage import generations_of, open_generation, recorded
from shared.manifests import GenerationOpened
from shared.stages import Stage
from tests.doubles.aws import INGEST
from tests.doubles.s3 import EPOCH
from tests.faults.model.deployment import Deployment
from tests.faults.model.files import KINDS, RECIPES, Kind
from tests.faults.model.gate import Fate
from tests.faults.model.process import Process
from tests.faults.model.verdict import Landed, check, is_somewhere

_MOST_FILES = 4
_MOST_PROCESSES = 6
_MOST_GENERATIONS = 3
_MOST_COPIES = 12
_ROUNDS = 500
_BETWEEN_TRIES = 20  # seconds
_BAD = (Fate.THROTTLED, Fate.LOST, Fate.REFUSED)
TALLY = Counter[str]()
"""What was done in all runs together."""


class Chaos(RuleBasedStateMachine):
    """One deployment, and whatever happens to it."""

    @initialize(
        seed=st.integers(0, 1000),
        kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=_MOST_FILES - 1),
    )
    def begin(self, seed: int, kinds: list[Kind]) -> None:
        self.world = Deployment(RECIPES[0](), Random(seed))
        self.patched = patch("asyncio.run_coroutine_threadsafe", self.world.loop.run_for_thread)
        self.patched.start()
        self.landed: list[Landed] = []
        self.generations: Counter[str] = Counter()
        self.begun: dict[str, Stage] = {}
        self.copies = 0
        for kind in kinds:
            self.land("a/", kind)

    # --- What senders and operators do

    @precondition(lambda self: len(self.landed) < _MOST_FILES)
    @rule(key=st.sampled_from(["a/", "b/"]), kind=st.sampled_from(KINDS))
    def land(self, key: str, kind: Kind) -> None:
        marker = len(self.landed) + 1
        body = kind.make(marker)
        version = self.world.aws.land(key + kind.name, body)
        stored = self.world.aws.s3.versions[INGEST, f"landing/{key}{kind.name}"][-1]
        file = LandedFile(
            bucket=INGEST,
            key=f"landing/{key}{kind.name}",
            version_id=version,
            size=len(body),
            landed_at=stored.last_modified,
        )
        self.landed.append(Landed(file, kind, body, marker))

    @rule(which=st.integers(0, len(RECIPES) - 1))
    def deploy_recipes(self, which: int) -> None:
        self.world.recipes = RECIPES[which]()

    @precondition(lambda self: self.landed)
    @rule(which=st.integers(0, _MOST_FILES - 1), stage=st.sampled_from(Stage))
    def replay_with_force(self, which: int, stage: Stage) -> None:
        file = self.landed[which % len(self.landed)].file
        generation = self.generations[file.file_id] + 1
        if generation <= _MOST_GENERATIONS and self.world.run(self._open(file, generation, stage)):
            self.generations[file.file_id] = generation
            self.begun[file.file_id] = stage

    @precondition(lambda self: self.landed)
    @rule(which=st.integers(0, _MOST_FILES - 1), ahead=st.booleans())
    def replay(self, which: int, ahead: bool) -> None:
        """Have a file go on where it stands, or do again the last thing that is done."""
        file = self.landed[which % len(self.landed)].file
        self.world.run(self._go_on(file, ahead))

    @rule(stage=st.sampled_from(Stage))
    def replay_dead_letters(self, stage: Stage) -> None:
        self.world.aws.sqs.redrive(stage)

    # --- What the queues do

    @precondition(lambda self: self.copies < _MOST_COPIES)
    @rule(which=st.integers(0, 1000))
    def deliver_again(self, which: int) -> None:
        self.copies += 1
        sent = self.world.aws.sqs.sent
        stage, body = sent[which % len(sent)]
        self.world.aws.sqs.send(stage, body)

    @rule(seconds=st.sampled_from([1, 16, 31, 1000]))
    def let_time_pass(self, seconds: int) -> None:
        self.world.tick(seconds)

    # --- What happens to processes

    @rule(which=st.integers(0, 5), calls=st.integers(1, 30))
    def go_on(self, which: int, calls: int) -> None:
        process = self._process(which)
        for _ in range(calls):
            self.world.step(process)
            if process.ended:
                break

    @rule(calls=st.integers(1, 60))
    def all_go_on(self, calls: int) -> None:
        for _ in range(calls):
            for process in list(self.world.processes):
                self.world.step(process)

    @rule(which=st.integers(0, 5), fate=st.sampled_from(_BAD))
    def a_call_fails(self, which: int, fate: Fate) -> None:
        self.world.step(self._process(which), fate)

    @rule(which=st.integers(0, 5), fate=st.sampled_from(_BAD), calls=st.integers(2, 40))
    def nothing_succeeds(self, which: int, fate: Fate, calls: int) -> None:
        """As long as this lasts, for one process; messages may come to their last receive meanwhile."""
        process = self._process(which)
        for _ in range(calls):
            self.world.step(process, fate)
            self.world.tick(_BETWEEN_TRIES)
            if process.ended:
                break

    @rule(which=st.integers(0, 5))
    def die(self, which: int) -> None:
        process = self._process(which)
        self.world.kill(process)
        self.world.start(process.stage)

    @rule(which=st.integers(0, 5))
    def be_told_to_stop(self, which: int) -> None:
        process = self._process(which)
        self.world.ask_to_stop(process)
        self.world.start(process.stage)

    @precondition(lambda self: len(self.world.processes) < _MOST_PROCESSES)
    @rule(stage=st.sampled_from(Stage), which=st.integers(0, len(RECIPES) - 1))
    def race(self, stage: Stage, which: int) -> None:
        """Another process, perhaps with other recipes, and for each of the two a copy of every message."""
        self.world.recipes = RECIPES[which]()
        self.world.start(stage)
        for item in list(self.world.aws.sqs.queues[stage].items):
            self.world.aws.sqs.send(stage, item.body)

    # --- What must hold

    @invariant()
    def every_original_is_somewhere(self) -> None:
        for each in self.landed:
            assert is_somewhere(self.world.aws, each), f"{each.file.key} is gone"

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._settle()
            for each in self.landed:
                check(self.world, each, self.generations[each.file.file_id])
        finally:
            TALLY.update(calls=self.world.steps, runs=1, files=len(self.landed))
            self.world.close()
            self.patched.stop()

    def _settle(self) -> None:
        """Let everything that is under way end, and replay what is dead."""
        for stage in Stage:
            if not any(process.stage is stage for process in self.world.processes):
                self.world.start(stage)
        for _ in range(3):
            self._drain()
            for stage in Stage:
                self.world.aws.sqs.redrive(stage)
        self._drain()

    def _drain(self) -> None:
        queues = self.world.aws.sqs.queues.values()
        for _ in range(_ROUNDS):
            for _ in range(20):
                for process in list(self.world.processes):
                    self.world.step(process)
            if not self.world.is_busy:
                if not any(queue.items for queue in queues):
                    return
                self.world.tick(10)
        waiting = {stage.value: len(queue.items) for stage, queue in self.world.aws.sqs.queues.items()}
        raise AssertionError(f"the queues never get empty: {waiting}")

    async def _open(self, file: LandedFile, generation: int, stage: Stage) -> bool:
        """As ``landfall replay --force`` does, and also where that would only ask for the last one again."""
        store = self.world.aws.s3.store()
        found = Found(file.file_id, await state_of(store, INGEST, file.file_id), file)
        if isinstance(await plan_replay(store, INGEST, found, Wish(stage, force=True)), Refusal):
            return False
        replay = Replay(replay_id=f"r{generation}", requested_by="model", requested_at=EPOCH)
        opened = GenerationOpened(file=file, generation=generation, from_stage=stage, replay=replay)
        await open_generation(store, opened)
        request = ReplayRequested(file=file, generation=generation, replay=replay)
        self.world.aws.sqs.send(stage, envelope(request))
        return True

    async def _go_on(self, file: LandedFile, ahead: bool) -> None:
        """As ``landfall replay`` does without force."""
        generation = self.generations[file.file_id]
        names = await recorded(self.world.aws.s3.store(), file)
        begun = self.begun.get(file.file_id, Stage.DECRYPT)
        stages = [stage for stage in Stage if not stage.precedes(begun)]
        done = [stage for stage in stages if generation in generations_of(names, stage)]
        waiting = [stage for stage in stages if stage not in done]
        stage = waiting[0] if waiting and (ahead or not done) else done[-1]
        replay = Replay(replay_id="again", requested_by="model", requested_at=EPOCH)
        request = ReplayRequested(file=file, generation=generation, replay=replay)
        self.world.aws.sqs.send(stage, envelope(request))

    def _process(self, which: int) -> Process:
        return self.world.processes[which % len(self.world.processes)]
