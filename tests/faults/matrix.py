"""Every fault that is tried: death at each boundary that a file crosses, and each way AWS can misbehave."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from landfall.deployment import SERVICES
from tests.faults import effects
from tests.faults.faults import Effect, Kill, Side, Trouble
from tests.faults.samples import Make, extract, large, ragged
from tests.faults.trial import Arena, Trial

_SIDES: tuple[Side, Side] = ("before", "after")
_CHANGES = frozenset({"put", "part", "complete", "copy", "delete", "publish", "send", "start"})
# A failing file crosses these too, but on another way than one that succeeds.
_FAILING = frozenset({"event.publish", "message.delete", "outcome.publish"})
_READS = frozenset({"landing.read", "staging.read", "raw.read", "manifest.read"})
_NOT_OF_A_FILE = frozenset({"queue.describe", "bucket.describe", "message.hide"})
_TABLE_MADE = "glue.CreateTable"  # once for all files, unless the table is dropped
_OUTAGE_SECONDS = 10.0
_KMS_OUTAGE_SECONDS = 60.0


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
    for make in (extract, large, ragged):
        arena.fleet.forget_crossings()
        trial = arena.undergo(make, {})
        assert not trial.findings.faults, f"{make.__name__} without any fault: {trial.findings.faults}"
        for service, stage in SERVICES.items():
            for boundary, times in Counter(arena.fleet.crossed(service)).items():
                otherwise = make is ragged and boundary in _FAILING and service in ("normalizer", "archiver")
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
        for at in sorted({1, times}) if changes and boundary != "crawl.start" else [1]:
            which = f" ({at} of {times})" if changes and times > 1 else ""
            name = f"killed {side} {boundary}{which}{' of a file that fails' if make is ragged else ''}"
            core = changes and side == "after" and at == 1
            yield Case(stage, name, _dying(make, service, boundary, side, at), core)


def _dying(
    make: Make, service: str, boundary: str, side: Side, at: int = 1, times: int = 1
) -> Callable[[Arena], Trial]:
    def run(arena: Arena) -> Trial:
        if boundary == _TABLE_MADE:
            arena.forget_table("subscribers")
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
    """The same death again and again, one less than the queue bears."""
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


def troubles() -> list[Case]:
    """Every way in which AWS can misbehave without anyone dying."""
    everywhere: frozenset[str] = frozenset()
    publish = frozenset({"event.publish"})
    return [
        _trouble("every other request throttled", effects.throttle, everywhere, one_in=2),
        _trouble(
            "every other request ends in a server error",
            effects.break_down,
            everywhere,
            one_in=2,
            core=False,
        ),
        _trouble("all requests throttled for 10 s", effects.throttle, everywhere, seconds=_OUTAGE_SECONDS),
        _trouble("connection reset before every other request", effects.reset_before, everywhere, one_in=2),
        _trouble("connection reset after every third request", effects.reset_after, everywhere, one_in=3),
        _trouble("every other read cut short", effects.cut_short, _READS, one_in=2),
        _trouble("the entries of every other PutEvents lost", effects.lose_entries, publish, one_in=2),
        _trouble("every event taken twice", effects.send_twice, publish),
        Case("all", "AWS out of reach for 10 s", _out_of_reach, core=True),
        Case("decrypt", "KMS down for a minute", _without_kms),
    ]


def _trouble(
    name: str,
    effect: Effect,
    boundaries: frozenset[str],
    *,
    one_in: int = 1,
    seconds: float | None = None,
    core: bool = True,
) -> Case:
    def run(arena: Arena) -> Trial:
        return arena.undergo(
            extract,
            {service: [Trouble(effect, boundaries, one_in, seconds=seconds)] for service in SERVICES},
        )

    return Case("all", name, run, core)


def _out_of_reach(arena: Arena) -> Trial:
    landed = arena.land(extract)
    began = time.monotonic()
    arena.fleet.part()
    time.sleep(_OUTAGE_SECONDS)
    arena.fleet.rejoin()
    arena.settle([landed])
    return Trial(arena.auditor.audit(landed.sample, landed.file), time.monotonic() - began)


def _without_kms(arena: Arena) -> Trial:
    down = Trouble(effects.lose_kms, frozenset({"key.decrypt"}), seconds=_KMS_OUTAGE_SECONDS)
    return arena.undergo(extract, {"decryptor": [down]})
