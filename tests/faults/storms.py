"""Many files at once, and anything at any time: chance has a seed, which is printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random

import boto3

from landfall.deployment import SERVICES
from tests.faults import effects
from tests.faults.faults import Trouble
from tests.faults.matrix import Case
from tests.faults.refused import homeless, ragged
from tests.faults.samples import Make, extract, large, plain, refresh
from tests.faults.trial import Arena, Landed, Trial

_CHAOS_FILES = 20
_CHAOS_PAUSE = 1.0  # seconds between two files, and between two deaths
_STORM_FILES = 40
_STORM_SECONDS = 30.0
_STORM_DEATHS = 5  # of each service: one receive each at most, and the queues bear eight
_STORM_KINDS: tuple[Make, ...] = (extract, plain, plain, ragged, homeless, large, refresh)
_STORM_WEIGHTS = (8, 8, 8, 3, 3, 1, 2)
_OVERWRITTEN = 0.2  # which share of the plain files comes under the key of an earlier one
_ECHO_FILES = 8
_ECHOES = 60


def storms(seed: int) -> list[Case]:
    """All of them; ``seed`` decides."""
    cases = [
        (f"{_CHAOS_FILES} files, someone killed every second", _chaos(seed), True),
        (f"{_ECHO_FILES} files, their messages again at random", _echoes(seed), True),
        (f"{_STORM_FILES} files of all kinds, random deaths", _storm(seed, calm=True), False),
        (f"{_STORM_FILES} files, random deaths and bad answers", _storm(seed, calm=False), False),
    ]
    return [Case("all", f"{name} (seed {seed})", run, core) for name, run, core in cases]


def _chaos(seed: int) -> Callable[[Arena], Trial]:
    def run(arena: Arena) -> Trial:
        random = Random(seed)
        landed = []
        for n in range(_CHAOS_FILES):
            landed.append(arena.land(extract if n % 4 == 0 else plain))
            time.sleep(random.uniform(0, 2 * _CHAOS_PAUSE))
            arena.fleet.members[random.choice(list(SERVICES))].kill()
            arena.fleet.tend()
        seconds = arena.settle(landed)
        return Trial(arena.audit(landed), seconds)

    return run


def _storm(seed: int, *, calm: bool) -> Callable[[Arena], Trial]:
    """Files of all kinds land at random times while services die at others, sometimes all in one moment."""

    def run(arena: Arena) -> Trial:
        random = Random(seed)
        began = time.monotonic()
        if not calm:
            for service in SERVICES:
                arena.fleet.arm(service, Trouble(effects.throttle, one_in=9))
                arena.fleet.arm(service, Trouble(effects.reset_after, one_in=11))
        landed: list[Landed] = []
        for at, victims in _schedule(random):
            time.sleep(max(0.0, began + at - time.monotonic()))
            for victim in victims:
                arena.fleet.members[victim].kill()
            if not victims:
                landed.append(_land_any(arena, random, landed))
            arena.fleet.tend()
        arena.settle(landed)
        arena.fleet.disarm()
        arena.settle(landed)
        landed = [each for each in arena.landed if each.file in {one.file for one in landed}]
        return Trial(arena.audit(landed), time.monotonic() - began - _STORM_SECONDS)

    return run


def _schedule(random: Random) -> Sequence[tuple[float, list[str]]]:
    """When who dies, in seconds; where nobody does, a file lands."""
    deaths = [
        (random.uniform(0, _STORM_SECONDS), [service])
        for service in SERVICES
        for _ in range(_STORM_DEATHS - 1)
    ]
    deaths.append((random.uniform(0, _STORM_SECONDS), list(SERVICES)))
    files: list[tuple[float, list[str]]] = [
        (random.uniform(0, _STORM_SECONDS * 0.8), []) for _ in range(_STORM_FILES)
    ]
    return sorted([*deaths, *files])


def _land_any(arena: Arena, random: Random, landed: Sequence[Landed]) -> Landed:
    make = random.choices(_STORM_KINDS, _STORM_WEIGHTS)[0]
    plains = [each.sample.key for each in landed if each.sample.fails is None and len(each.sample.rows) == 1]
    plains = [key for key in plains if key.endswith("/Sent.csv")]
    again = make is plain and plains and random.random() < _OVERWRITTEN
    return arena.land(make, random.choice(plains) if again else None)


def _echoes(seed: int) -> Callable[[Arena], Trial]:
    """Every message may come again at any time, long before and long after its work is done."""

    def run(arena: Arena) -> Trial:
        random, sqs = Random(seed), boto3.client("sqs")
        landed = [arena.land(random.choice([extract, plain])) for _ in range(_ECHO_FILES)]
        began = time.monotonic()
        keys = [each.sample.key for each in landed]
        for _ in range(_ECHOES):
            time.sleep(random.uniform(0, 0.3))
            service = random.choice(list(SERVICES))
            bodies = [b for b in arena.fleet.members[service].aws.received if any(key in b for key in keys)]
            if bodies:
                queue = arena.target.deployment.queues[SERVICES[service]].url
                sqs.send_message(QueueUrl=queue, MessageBody=random.choice(bodies))
        arena.settle(landed)
        return Trial(arena.audit(landed), time.monotonic() - began)

    return run
