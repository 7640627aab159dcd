"""A model of the switch between snapshots of one source: several files' catalogers, readers, and time.

A snapshot is named by its place in the order of its extracts: 0 is the oldest, also of those that landed in
one second. Time goes by in graces, and no query lasts, and no cataloger pauses between a look and what
follows from it, for as long as one. The message of one that dies may come again much later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.models.explorer import Invariant


class Shown(NamedTuple):
    """Which snapshot the partition shows, and since when."""

    snapshot: int
    since: int


class Worker(NamedTuple):
    """One file's cataloger; ``at`` is the request that comes next."""

    at: str = "look_at_table"
    registered: int | None = None
    """The register as it last saw it, in this version of the table, and what that replaced."""
    replaced: int | None = None
    version: int = 0
    settled: int | None = None
    """What the partition showed at its first look, if it had followed the register for a grace by then."""
    plan: str = ""
    """The write that comes next: "register" or "move"."""
    has_looked: bool = False
    compared: bool = False


class State(NamedTuple):
    """Glue, the bucket, the files' catalogers, and at most one query."""

    objects: frozenset[int]
    workers: tuple[Worker, ...]
    registered: int | None = None
    replaced: int | None = None
    since: int = 0
    """When the register last changed."""
    version: int = 0
    partition: Shown | None = None
    accepted: frozenset[int] = frozenset()
    query: int | None = None
    now: int = 0
    crashes: int = 0

    def worker(self, number: int, worker: Worker) -> State:
        return self._replace(workers=(*self.workers[:number], worker, *self.workers[number + 1 :]))


@dataclass(frozen=True)
class Switch:
    """Files by their rows, the oldest first; ``broken`` names the rule that a twin breaks."""

    rows: tuple[int, ...]
    min_rows_share: float = 0.5
    graces: int = 2
    crashes: int = 1
    broken: str = ""

    def initial(self) -> State:
        """Every file is normalised, and its message is in the catalog queue."""
        return State(frozenset(range(len(self.rows))), (Worker(),) * len(self.rows))

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Whatever may happen next."""
        yield from self._world(state)
        for number, worker in enumerate(state.workers):
            if worker.at in ("end", "held_back"):
                continue
            yield f"{worker.at} {number}", getattr(self, f"_{worker.at}")(state, number, worker)
            if state.crashes < self.crashes:
                yield f"crash {number}", state.worker(number, Worker())._replace(crashes=state.crashes + 1)

    def _world(self, state: State) -> Iterator[tuple[str, State]]:
        if state.query is not None:
            yield "query_ends", state._replace(query=None)
        elif state.partition is not None:
            yield "query_begins", state._replace(query=state.partition.snapshot)
        waits = all(worker.at in ("look_at_table", "end", "held_back") for worker in state.workers)
        if state.query is None and state.now < self.graces and waits:
            yield "grace_passes", state._replace(now=state.now + 1)
        for number, worker in enumerate(state.workers):
            if worker.at == "held_back" and number not in state.accepted:
                accepted = state._replace(accepted=state.accepted | {number})
                yield f"accept_shrink {number}", accepted.worker(number, Worker())

    def _look_at_table(self, state: State, number: int, worker: Worker) -> State:
        seen = worker._replace(registered=state.registered, replaced=state.replaced, version=state.version)
        return state.worker(number, seen._replace(at="look_at_partition"))

    def _look_at_partition(self, state: State, number: int, worker: Worker) -> State:
        """Look, and decide what to do next."""
        registered, shown = worker.registered, state.partition
        follows = shown is not None and shown.snapshot == registered
        if not worker.has_looked:
            is_settled = follows and self._is_settled(state)
            worker = worker._replace(has_looked=True, settled=registered if is_settled else None)
        last_wins = self.broken == "the newer one wins" and registered not in (None, number)
        if registered is None or registered < number or last_wins:
            compares = not worker.compared or self.broken != "compares again after a lost race"
            if compares and self._is_shrunk(registered, number) and number not in state.accepted:
                return state.worker(number, worker._replace(at="held_back"))
            return state.worker(number, worker._replace(at="write", plan="register", compared=True))
        return state.worker(
            number, worker._replace(at="clear") if follows else worker._replace(at="write", plan="move")
        )

    def _write(self, state: State, number: int, worker: Worker) -> State:
        after = worker._replace(at="look_at_table", plan="")
        if worker.plan == "move":
            assert worker.registered is not None
            state = state._replace(partition=Shown(worker.registered, state.now))
            if self.broken == "looks again after a write":
                after = after._replace(at="clear")
        elif state.version == worker.version or self.broken == "updates the version it has read":
            replaced = worker.registered if self.broken != "knows what it replaced" else -1
            changed = state._replace(registered=number, replaced=replaced)
            state = changed._replace(since=state.now, version=state.version + 1)
        return state.worker(number, after)

    def _clear(self, state: State, number: int, worker: Worker) -> State:
        """Delete what no query reads: what is older than the snapshot on which the partition was settled at
        the first look, and what never was registered, as it lies between the present one and the replaced.
        """
        assert worker.registered is not None
        deleted: set[int] = set()
        if worker.settled is not None:
            newer = self.broken == "spares what is newer"
            deleted = set(range(len(self.rows) if newer else worker.settled)) - {worker.settled}
            if self.broken == "clears by the order it switches by":  # as if a hash broke the ties here
                deleted = set(range(worker.settled + 1, len(self.rows)))
            if self.broken == "spares what is shown":
                deleted |= {worker.settled}
        if worker.replaced is not None:
            deleted |= set(range(worker.replaced + 1, worker.registered))
        return state._replace(objects=state.objects - deleted).worker(number, Worker("end"))

    def _is_settled(self, state: State) -> bool:
        """Whether a grace has passed since the partition moved, so that no query reads a former snapshot."""
        if self.broken == "waits for the grace":
            return True
        if self.broken == "counts the grace from the move":
            return state.since < state.now
        return state.partition is not None and state.partition.since < state.now

    def _is_shrunk(self, replaced: int | None, number: int) -> bool:
        return self._is_less(replaced, number) and self.broken != "holds back what shrank"

    @property
    def invariants(self) -> dict[str, Invariant[State]]:
        """What must hold of every step."""
        return {
            "readers see a whole snapshot": lambda _, after: (
                after.partition is None or after.partition.snapshot in after.objects
            ),
            "a query finds its rows to the end": lambda _, after: after.query in (*after.objects, None),
            "the register never goes back": _register_never_goes_back,
            "what awaits its switch stays": self._waiting_stay,
            "no snapshot shrinks in silence": self._none_shrinks,
            "the newest that is not held back is shown": self._newest_is_shown,
        }

    def _waiting_stay(self, _: State, after: State) -> bool:
        shown = -1 if after.registered is None else after.registered
        return after.objects >= frozenset(range(shown + 1, len(self.rows)))

    def _none_shrinks(self, before: State, after: State) -> bool:
        if after.registered in (None, before.registered):
            return True
        return after.registered in after.accepted or not self._is_less(before.registered, after.registered)

    def _is_less(self, replaced: int | None, number: int) -> bool:
        least = 1 if replaced is None else self.rows[replaced] * self.min_rows_share
        return self.rows[number] < least

    def _newest_is_shown(self, _: State, after: State) -> bool:
        ats = [worker.at for worker in after.workers]
        if set(ats) - {"end", "held_back"}:
            return True
        shown = None if after.partition is None else after.partition.snapshot
        newer = ats[0 if after.registered is None else after.registered + 1 :]
        return shown == after.registered and set(newer) <= {"held_back"}


def _register_never_goes_back(before: State, after: State) -> bool:
    return before.registered is None or (
        after.registered is not None and before.registered <= after.registered
    )
