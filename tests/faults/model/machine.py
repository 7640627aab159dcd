"""The model: anything may happen to the services at any time, and in the end every file is exactly where it must be.

Hypothesis chooses what happens; when something is wrong in the end, it looks for the shortest way there.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from random import Random
from unittest.mock import patch

import hypothesis.strategies as st
import pyarrow.parquet as pq
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.events import Replay, ReplayRequested, envelope
from shared.identity import LandedFile
from shared.layout import manifest_key
from shared.lineage import generations_of, open_generation, recorded
from shared.manifests import GenerationOpened, NormalizeManifest
from shared.stages import Stage
from tests.doubles.s3 import EPOCH
from tests.faults.model.aws import CURATED, INGEST
from tests.faults.model.deployment import Deployment
from tests.faults.model.files import KINDS, RECIPES, Kind
from tests.faults.model.gate import Fate
from tests.faults.model.process import Process

_MOST_FILES = 4
_MOST_PROCESSES = 6
_MOST_GENERATIONS = 3
_MOST_COPIES = 12
_ROUNDS = 500
STEPS = Counter[str]()


@dataclass(frozen=True, slots=True)
class Landed:
    """A version that landed."""

    file: LandedFile
    kind: Kind
    body: bytes
    marker: int


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

    @rule(which=st.integers(0, 5), fate=st.sampled_from([Fate.THROTTLED, Fate.LOST]))
    def a_call_fails(self, which: int, fate: Fate) -> None:
        self.world.step(self._process(which), fate)

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
        objects = self.world.aws.s3.objects
        for each in self.landed:
            versions = self.world.aws.s3.versions[INGEST, each.file.key]
            in_landing = any(version.version_id == each.file.version_id for version in versions)
            archived = [b for (_, key), b in objects.items() if _is_archived_original(key, each.file)]
            assert in_landing or archived == [each.body], f"{each.file.key} is gone"

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._settle()
            for each in self.landed:
                self._check(each)
        finally:
            STEPS["steps"] += self.world.steps
            STEPS["runs"] += 1
            STEPS["files"] += len(self.landed)
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

    def _check(self, each: Landed) -> None:
        file, s3 = each.file, self.world.aws.s3
        curated = {k: b for (bucket, k), b in s3.objects.items() if bucket == CURATED and file.file_id in k}
        outcomes = [json.loads(message["Message"]) for message in self.world.aws.sns.published]
        mine = [outcome for outcome in outcomes if outcome.get("file_id") == file.file_id]
        if each.kind.fails:
            assert curated == {}, "rows of a file that failed"
            assert any(v.version_id == file.version_id for v in s3.versions[INGEST, file.key])
            assert {outcome["code"] for outcome in mine} == {each.kind.fails}
            return
        raw = [key for bucket, key in s3.objects if key.startswith("raw/") and file.file_id in key]
        assert raw == [], "orphans in raw/"
        generation = self.generations[file.file_id]
        manifest = self._normalized(file)
        listed = {item.object.key: item.object.etag for item in manifest.curated}
        present = {key: s3.versions[CURATED, key][-1].etag for key in curated}
        assert present == listed, "the curated bucket differs from the manifest"
        rows = Counter(row for body in curated.values() for row in _rows(body))
        wanted = Counter(each.kind.rows(each.marker, {item.member for item in manifest.curated}))
        assert rows == wanted, "rows differ"
        assert not any(v.version_id == file.version_id for v in s3.versions[INGEST, file.key])
        ids = {outcome["outcome_id"] for outcome in mine if outcome["status"] == "succeeded"}
        latest = {
            o["outcome_id"] for o in mine if o["status"] == "succeeded" and o["generation"] == generation
        }
        assert len(latest) == 1, f"the newest generation's outcome: {len(ids)} in all"

    def _normalized(self, file: LandedFile) -> NormalizeManifest:
        async def read() -> NormalizeManifest:
            store = self.world.aws.s3.store()
            newest = generations_of(await recorded(store, file), Stage.NORMALIZE)[0]
            body = await store.read(INGEST, manifest_key(file.file_id, Stage.NORMALIZE, newest))
            assert body is not None
            return NormalizeManifest.model_validate_json(body)

        return self.world.run(read())

    async def _open(self, file: LandedFile, generation: int, stage: Stage) -> bool:
        """As ``landfall replay --force`` does: only from a stage that the file has reached."""
        store = self.world.aws.s3.store()
        before = stage.before
        if before is not None and not generations_of(await recorded(store, file), before):
            return False
        replay = Replay(replay_id=f"r{generation}", requested_by="model", requested_at=EPOCH)
        opened = GenerationOpened(file=file, generation=generation, from_stage=stage, replay=replay)
        await open_generation(store, opened)
        request = ReplayRequested(file=file, generation=generation, replay=replay)
        self.world.aws.sqs.send(stage, envelope(request))
        return True

    def _process(self, which: int) -> Process:
        return self.world.processes[which % len(self.world.processes)]


def _is_archived_original(key: str, file: LandedFile) -> bool:
    return key.startswith("archive/landing/") and file.file_id in key


def _rows(parquet: bytes) -> list[tuple[object, ...]]:
    table = pq.read_table(io.BytesIO(parquet), columns=["send_id", "batch_id"])
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
