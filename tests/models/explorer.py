"""Explore every state that a model can reach, breadth first, and name the invariant that breaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

S = TypeVar("S", bound=Hashable)

Invariant = Callable[[S, S], bool]
"""Takes a state and the one that a step makes of it; whether the step may be taken."""


class Model(Protocol[S]):
    """States and the steps between them."""

    def initial(self) -> S:
        """Where everything begins."""
        ...

    def steps(self, state: S) -> Iterable[tuple[str, S]]:
        """Every step that can be taken, by the name of its action, and the state that it makes."""
        ...


class Violated(Exception):
    """An invariant does not hold; ``trace`` are the shortest steps that lead there."""

    def __init__(self, invariant: str, trace: list[str]) -> None:
        super().__init__(f"{invariant}: {', '.join(trace)}")
        self.invariant = invariant
        self.trace = trace


class Explored(Generic[S]):
    """Every reachable state, and the actions that were taken."""

    def __init__(self, model: Model[S], invariants: Mapping[str, Invariant[S]]) -> None:
        """Explore the model, and hold every step against the invariants.

        Raises:
            Violated: the first invariant that breaks, in as few steps as possible.
        """
        first = model.initial()
        self._came_from: dict[S, tuple[S, str] | None] = {first: None}
        self.actions: set[str] = set()
        waiting = deque([first])
        while waiting:
            state = waiting.popleft()
            for name, after in model.steps(state):
                self.actions.add(name.partition(" ")[0])
                if after not in self._came_from:
                    self._came_from[after] = (state, name)
                    waiting.append(after)
                for invariant, holds in invariants.items():
                    if not holds(state, after):
                        raise Violated(invariant, [*reversed(list(self._back(state))), name])

    @property
    def states(self) -> Collection[S]:
        """All of them."""
        return self._came_from.keys()

    def _back(self, state: S) -> Iterator[str]:
        while (step := self._came_from[state]) is not None:
            state, name = step
            yield name
