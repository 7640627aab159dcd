"""Every death that is tried: at each boundary that a file crosses, on both sides, once and several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from landfall.deployment import SERVICES
from tests.faults import effects
from tests.faults.faults import Kill, Side, Trouble
from tests.faults.refused import bereft, cut, homeless, ragged
from tests.faults.samples import Make, extract, large, refresh, spoilt
from tests.faults.trial import Arena, Trial

_SIDES: tuple[Side, Side] = ("before", "after")
_CHANGES = frozenset(
    {
        *("put", "part", "complete", "copy", "delete", "publish", "send", "start"),
        *("UpdateTable", "BatchUpdatePartition"),
    }
)
# A failing file crosses these too, but on another way than one that succeeds.
_FAILING = frozenset({"event.publish", "message.delete", "outcome.publish"})
# Who has to do with the failure of a file.
_REFUSING: dict[Make, tuple[str, ...]] = {
    ragged: ("normalizer", "archiver"),
    cut: ("decryptor",),
    homeless: ("cataloger",),
    bereft: ("archiver",),
}
# How the names of deaths tell such a file from one that comes through.
_OF_WHICH: dict[Make, str] = {
    **dict.fromkeys(_REFUSING, " of a file that fails"),
    bereft: " of a file whose original is lost",
}
# Where they are as another file's: continuous integration then tries these few only.
_CORE_ONLY: dict[Make, frozenset[str]] = {
    large: frozenset({"raw.part", "raw.complete", "curated.part", "curated.complete", "archive.complete"}),
    spoilt: frozenset(),
    homeless: frozenset({"failure.put"}),
    bereft: frozenset({"event.publish"}),
}
_NOT_OF_A_FILE = frozenset({"queue.describe", "bucket.describe", "message.hide"})
_TABLE_MADE = "glue.CreateTable"  # once for all files, unless the table is dropped
_LOCK_PUT = "profile-lock.put"  # once for each dataset, unless the lock is lost


@dataclass(frozen=True, slots=True)
class Case:
    """One fault in one stage; ``core`` are those that continuous integration tries."""

    stage: str
    fault: str
    run: Callable[[Arena], Trial]
    core: bool = False


def deaths(arena: Arena) -> list[Case]:
    """Every death there is: files are led through unharmed, and each boundary they cross is one to die at.

    Raises:
        AssertionError: a file does not even get through unharmed.
    """
    known: set[tuple[str, str]] = set()
    cases: list[Case] = []
    for make in (extract, large, ragged, cut, refresh, spoilt, homeless, bereft):
        arena.fleet.forget_crossings()
        trial = arena.undergo(make, {})
        assert not trial.findings.faults, f"{make.__name__} without any fault: {trial.findings.faults}"
        for service, stage in SERVICES.items():
            for boundary, times in Counter(arena.fleet.crossed(service)).items():
                otherwise = boundary in _FAILING and service in _REFUSING.get(make, ())
                if boundary not in _NOT_OF_A_FILE and (otherwise or (service, boundary) not in known):
                    known.add((service, boundary))
                    cases += _deaths_at(service, stage.value, boundary, times, make)
    cases.sort(
        key=lambda case: _TABLE_MADE not in case.fault
    )  # they drop a table: before there is much in it
    return [*cases, *_deaths_while_waiting()]


def _deaths_at(service: str, stage: str, boundary: str, times: int, make: Make) -> Iterator[Case]:
    changes = boundary.rpartition(".")[2] in _CHANGES
    for side in _SIDES:
        for at in _places(boundary, times) if changes else [1]:
            which = f" ({at} of {times})" if changes and times > 1 else ""
            name = f"killed {side} {boundary}{which}{_OF_WHICH.get(make, '')}"
            core = changes and side == "after" and at == 1 and boundary in _CORE_ONLY.get(make, {boundary})
            yield Case(stage, name, _dying(make, service, boundary, side, at), core)


def _places(boundary: str, times: int) -> Iterable[int]:
    """At which of the requests across one boundary to die: of many parts, the first and the last."""
    if boundary == "crawl.start":
        return [1]
    return sorted({1, times}) if boundary.endswith(".part") else range(1, times + 1)


def _dying(
    make: Make, service: str, boundary: str, side: Side, at: int = 1, times: int = 1
) -> Callable[[Arena], Trial]:
    def run(arena: Arena) -> Trial:
        if boundary == _TABLE_MADE:
            arena.forget_table("subscribers")
        if boundary == _LOCK_PUT:
            arena.lose_profile_lock()
        polls = boundary == "queue.receive" and side == "after"
        return arena.undergo(make, {service: [Kill(boundary, side, at, times)]}, service if polls else None)

    return run


def _deaths_while_waiting() -> Iterator[Case]:
    """Work that lasts, so that the message has to be kept hidden meanwhile."""
    for side in _SIDES:

        def run(arena: Arena, side: Side = side) -> Trial:
            slow = Trouble(effects.delay(6), frozenset({"raw.read"}), most=1)
            return arena.undergo(extract, {"normalizer": [slow, Kill("message.hide", side)]})

        yield Case("normalize", f"killed {side} message.hide", run)


def repeated_deaths() -> list[Case]:
    """The same death again and again, and fewer times than the queue bears."""
    places: list[tuple[str, str, Side, str]] = [
        ("decrypt", "decryptor", "after", "raw.put"),
        ("normalize", "normalizer", "after", "curated.put"),
        ("catalog", "cataloger", "after", "manifest.put"),
        ("archive", "archiver", "after", "landing.delete"),
    ]
    return [
        Case(stage, f"killed 3 times {side} {boundary}", _dying(extract, service, boundary, side, times=3))
        for stage, service, side, boundary in places
    ]
