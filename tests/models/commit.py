"""A model of one stage's commit: runs over one file, of generation 0 and of later ones.

Each request is a step, for anything may happen between two of them. An object is a stack of versions, the
newest last; a version is named by its generation, its run, and a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.models.explorer import Invariant

Version = tuple[int, int, int]
Listing = tuple[tuple[int, Version], ...]
"""Which version of which key (its index) a manifest lists."""


class Run(NamedTuple):
    """One message and the worker that has it; ``at`` is the request that comes next."""

    at: str = "absent"
    made: Listing = ()
    puts: int = 0
    redelivered: bool = False
    by: int = -1
    """Generation of the manifest that it cleans up by, or is about to."""
    in_vain: bool = False
    stops: bool = False
    victims: tuple[Version, ...] | None = None


class State(NamedTuple):
    """The bucket, the event bus and the runs."""

    objects: tuple[tuple[Version, ...], ...]
    manifests: tuple[Listing | None, ...]
    runs: tuple[Run, ...]
    opened: tuple[bool, ...] = (True,)
    """By generation, whether it runs through this stage; else it begins behind it."""
    events: frozenset[int] = frozenset()
    crashes: int = 0

    def put(self, key: int, versions: tuple[Version, ...]) -> State:
        return self._replace(objects=(*self.objects[:key], versions, *self.objects[key + 1 :]))

    def run(self, number: int, run: Run) -> State:
        return self._replace(runs=(*self.runs[:number], run, *self.runs[number + 1 :]))

    @property
    def newest(self) -> int:
        """The newest generation that has succeeded, -1 where none has."""
        return max((g for g, listing in enumerate(self.manifests) if listing is not None), default=-1)

    @property
    def through(self) -> int:
        """The newest generation that runs through this stage."""
        return max(g for g, here in enumerate(self.opened) if here)

    def is_shown(self, listing: Listing) -> bool:
        return all(self.objects[key][-1:] == (version,) for key, version in listing)


@dataclass(frozen=True)
class Commit:
    """Runs as (generation, keys that their recipe makes); ``broken`` names the rule that a twin breaks."""

    runs: tuple[tuple[int, str], ...]
    behind: bool = False
    """Whether a generation may begin behind this stage."""
    crashes: int = 1
    broken: str = ""
    keys: str = "ab"

    def initial(self) -> State:
        """Nothing is in the bucket, and the messages of generation 0 are in the queue."""
        generations = 1 + max(generation for generation, _ in self.runs) + self.behind
        runs = tuple(Run("look") if generation == 0 else Run() for generation, _ in self.runs)
        return State(((),) * len(self.keys), (None,) * generations, runs)

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Whatever may happen next."""
        yield from self._operator(state)
        for number, run in enumerate(state.runs):
            if run.at in ("absent", "end"):
                continue
            yield f"{run.at} {number}", getattr(self, f"_{run.at}")(state, number, run)
            if state.crashes < self.crashes:
                again = Run("look", puts=run.puts, redelivered=True)
                yield f"crash {number}", state.run(number, again)._replace(crashes=state.crashes + 1)

    def _operator(self, state: State) -> Iterator[tuple[str, State]]:
        begun = len(state.opened)
        if begun == len(state.manifests):
            return
        runs = tuple(
            Run("look") if generation == begun else run
            for (generation, _), run in zip(self.runs, state.runs, strict=True)
        )
        if runs != state.runs:
            yield "open", state._replace(opened=(*state.opened, True), runs=runs)
        elif state.manifests[state.through] is not None or self.broken == "opens behind a success only":
            yield "open_behind", state._replace(opened=(*state.opened, False))

    def _look(self, state: State, number: int, run: Run) -> State:
        if self._is_superseded(state, number):
            return state.run(number, self._stop(state, run))
        if state.manifests[self.runs[number][0]] is not None:
            done = self.broken == "publishes again"
            return state.run(number, run._replace(at="end" if done else "clean", by=self.runs[number][0]))
        return state.run(number, run._replace(at="put"))

    def _put(self, state: State, number: int, run: Run) -> State:
        generation, keys = self.runs[number]
        key = self.keys.index(keys[len(run.made)])
        stack = state.objects[key]
        adopts = bool(stack) and stack[-1][0] >= generation and self.broken != "keeps what is there"
        version = stack[-1] if adopts else (generation, number, run.puts)
        made = (*run.made, (key, version))
        at = "put" if len(made) < len(keys) else "look_again"
        if self.broken == "looks again" and at == "look_again":
            at = "commit"
        if self.broken == "commits before it publishes" and at == "look_again":
            state = state._replace(events=state.events | {generation})
        after = run._replace(made=made, at=at, puts=run.puts + (not adopts))
        return (state if adopts else state.put(key, (*stack, version))).run(number, after)

    def _look_again(self, state: State, number: int, run: Run) -> State:
        stops = self._is_superseded(state, number)
        return state.run(number, self._stop(state, run) if stops else run._replace(at="commit"))

    def _commit(self, state: State, number: int, run: Run) -> State:
        generation = self.runs[number][0]
        is_first = state.manifests[generation] is None
        if is_first or self.broken == "puts if absent":
            manifests = (*state.manifests[:generation], run.made, *state.manifests[generation + 1 :])
            state = state._replace(manifests=manifests)
        alone = is_first and generation == 0 and not run.redelivered
        at = "publish" if alone else "clean"
        return state.run(number, run._replace(at=at, by=generation, in_vain=not is_first))

    def _clean(self, state: State, number: int, run: Run) -> State:
        """List what the manifest does not, delete that version by version, then uncover what it lists."""
        listing = state.manifests[run.by]
        assert listing is not None
        listed, generation = dict(listing), self.runs[number][0]
        newest = max(run.by, generation if run.in_vain else 0)
        if self.broken == "spares later generations":
            newest = len(state.manifests)
        victims = run.victims
        if victims is None and self.broken != "cleans up":
            found = [
                version
                for key, stack in enumerate(state.objects)
                if key not in listed
                and stack
                and (stack[-1][0] <= newest or self.broken == "spares later generations")
                for version in stack
            ]
            return state.run(number, run._replace(victims=tuple(found)))
        if victims:
            stacks = tuple(tuple(v for v in stack if v != victims[0]) for stack in state.objects)
            return state._replace(objects=stacks).run(number, run._replace(victims=victims[1:]))
        if run.in_vain:
            for key, wanted in listing:
                stack = state.objects[key]
                while stack and stack[-1] != wanted and stack[-1][0] == generation:
                    stack = stack[:-1]
                state = state.put(key, stack)
        return state.run(number, run._replace(at="end" if run.stops else "publish", victims=None))

    def _publish(self, state: State, number: int, run: Run) -> State:
        return state._replace(events=state.events | {self.runs[number][0]}).run(
            number, run._replace(at="end")
        )

    def _is_superseded(self, state: State, number: int) -> bool:
        return len(state.opened) > self.runs[number][0] + 1

    def _stop(self, state: State, run: Run) -> Run:
        at = "clean" if state.newest >= 0 else "end"
        return run._replace(at=at, by=state.newest, in_vain=True, stops=True)


def _is_at_rest(state: State) -> bool:
    return all(run.at in ("absent", "end") for run in state.runs)


def _manifests_are_final(before: State, after: State) -> bool:
    pairs = zip(before.manifests, after.manifests, strict=True)
    return all(old is None or old == new for old, new in pairs)


def _no_generation_covers_a_later_one(_: State, after: State) -> bool:
    return all(list(stack) == sorted(stack, key=lambda version: version[0]) for stack in after.objects)


def _what_is_announced_is_committed(_: State, after: State) -> bool:
    return all(after.manifests[generation] is not None for generation in after.events)


def _what_is_built_upon_stays(_: State, after: State) -> bool:
    base = after.manifests[after.through]
    return after.opened[-1] or (base is not None and after.is_shown(base))


def _every_file_finishes(_: State, after: State) -> bool:
    """A generation that begins behind this stage takes the announcement over."""
    announced = after.through in after.events or not after.opened[-1]
    return not _is_at_rest(after) or (after.newest == after.through and announced)


def _nothing_is_missing(_: State, after: State) -> bool:
    newest = after.manifests[after.newest] if after.newest == after.through else None
    return not _is_at_rest(after) or newest is None or after.is_shown(newest)


def _nothing_is_left_beside(_: State, after: State) -> bool:
    newest = after.manifests[after.newest] if after.newest == after.through else None
    listed = dict(newest or ())
    return (
        not _is_at_rest(after)
        or newest is None
        or not any(stack for key, stack in enumerate(after.objects) if key not in listed)
    )


INVARIANTS: dict[str, Invariant[State]] = {
    "manifests are final": _manifests_are_final,
    "no generation covers a later one": _no_generation_covers_a_later_one,
    "what is announced is committed": _what_is_announced_is_committed,
    "what is built upon stays": _what_is_built_upon_stays,
    "every file finishes": _every_file_finishes,
    "nothing is missing": _nothing_is_missing,
    "nothing is left beside": _nothing_is_left_beside,
}
