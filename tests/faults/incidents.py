"""Faults that take more than one bad request: two workers on a file, other recipes, a bad hour."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import boto3

from landfall.deployment import SERVICES
from landfall.waiting import wait_until
from tests.faults.audit import Findings
from tests.faults.faults import Freeze, Kill, Side, Slow
from tests.faults.matrix import Case
from tests.faults.samples import Make, extract, large, plain
from tests.faults.trial import Arena, Trial

_JUMPY = str(Path(__file__).parent / "jumpy")
_WITHIN = 90.0
_ENDLESS = 1000
_FROZEN: tuple[tuple[str, Side, str], ...] = (
    ("decryptor", "before", "raw.put"),
    ("decryptor", "before", "manifest.put"),
    ("normalizer", "before", "curated.put"),
    ("normalizer", "before", "manifest.put"),
    ("cataloger", "before", "manifest.put"),
    ("archiver", "before", "archive.copy"),
    ("archiver", "before", "archive.part"),
    ("archiver", "before", "archive.complete"),
    ("archiver", "before", "landing.delete"),
)
_IN_PARTS = frozenset({"archive.part", "archive.complete"})


def incidents() -> list[Case]:
    """All of them."""
    others = [
        Case("normalize", "stands still; another with other recipes does it", _other_recipes_race),
        Case("normalize", "killed after curated.put; comes back with other recipes", _other_recipes_after),
        Case("all", "every message again, twice, the last first", _all_again),
        Case("all", "clocks jump by an hour, every second", _clocks_jump),
        Case("normalize", "killed until SQS gives up; then replayed", _crash_loop),
    ]
    return [*_frozen(), *_overwritten(), *(replace(case, core=True) for case in others)]


def _frozen() -> Iterator[Case]:
    for service, side, boundary in _FROZEN:
        name = f"stands still {side} {boundary}; another does it"
        core = (service, boundary) in {("decryptor", "raw.put"), ("normalizer", "manifest.put")}
        make = large if boundary in _IN_PARTS else extract
        yield Case(SERVICES[service].value, name, _twins(service, side, boundary, make), core)


def _overwritten() -> Iterator[Case]:
    for service, stage in SERVICES.items():
        name = "its key is overwritten while it is in work"
        yield Case(stage.value, name, _overwriting(service), core=service == "archiver")


def _overwriting(service: str) -> Callable[[Arena], Trial]:
    """Another version lands under the same key before a service is done with the one before."""

    def run(arena: Arena) -> Trial:
        older = arena.land(plain)
        slow = Slow(older.file.file_id, seconds=0.7)
        arena.fleet.arm(service, slow)
        wait_until(lambda: slow.struck or None, within=_WITHIN)
        began = time.monotonic()
        newer = arena.land(plain, older.sample.key)
        arena.settle([older, newer])
        arena.fleet.disarm()
        return Trial(arena.audit([older, newer]), time.monotonic() - began)

    return run


def _twins(
    service: str, side: Side, boundary: str, make: Make = extract, **overrides: str
) -> Callable[[Arena], Trial]:
    """A worker stands still until another has done its work from beginning to end, and then goes on."""

    def run(arena: Arena) -> Trial:
        freeze = Freeze(boundary, side)
        arena.fleet.arm(service, freeze)
        landed = arena.land(make)
        wait_until(lambda: freeze.struck or None, within=_WITHIN)
        began = time.monotonic()
        with arena.fleet.twin(service, **overrides):
            arena.settle([landed])
            arena.fleet.thaw(service, freeze)
            arena.settle([landed])
        arena.fleet.disarm()
        return Trial(arena.auditor.audit(landed.sample, landed.file), time.monotonic() - began)

    return run


def _other_recipes_race(arena: Arena) -> Trial:
    return _twins("normalizer", "before", "manifest.put", LANDFALL_RECIPES=str(arena.moving_recipes))(arena)


def _other_recipes_after(arena: Arena) -> Trial:
    with arena.fleet.changed("normalizer", LANDFALL_RECIPES=str(arena.moving_recipes)):
        return arena.undergo(extract, {"normalizer": [Kill("curated.put", "after")]})


def _all_again(arena: Arena) -> Trial:
    landed = arena.land(extract)
    arena.settle([landed])
    began, sqs = time.monotonic(), boto3.client("sqs")
    for service, stage in reversed(list(SERVICES.items())):
        bodies = [body for body in arena.fleet.members[service].aws.received if landed.sample.key in body]
        assert bodies, f"the {service} has received nothing about the file"
        for body in bodies[::-1] * 2:
            sqs.send_message(QueueUrl=arena.target.deployment.queues[stage].url, MessageBody=body)
    arena.settle([landed])
    return Trial(arena.auditor.audit(landed.sample, landed.file), time.monotonic() - began)


def _clocks_jump(arena: Arena) -> Trial:
    began = time.monotonic()
    with arena.jumpy_clocks(_JUMPY):
        landed = arena.land(extract)
        arena.settle([landed])
    return Trial(arena.auditor.audit(landed.sample, landed.file), time.monotonic() - began)


def _crash_loop(arena: Arena) -> Trial:
    before = arena.auditor.dead_letters()
    arena.fleet.arm("normalizer", Kill("raw.read", "before", times=_ENDLESS))
    landed = arena.land(extract)

    def given_up() -> bool | None:
        arena.fleet.tend()
        return arena.auditor.dead_letters() > before or None

    wait_until(given_up, within=_WITHIN * 2)
    arena.fleet.disarm()
    began = time.monotonic()
    findings = Findings()
    findings.count(arena.auditor.originals_in_landing(landed.sample, landed.file), 1, "originals in landing/")
    arena.landfall("dlq", "replay", landed.file.file_id, "--yes")
    arena.settle([landed])
    findings.add(arena.auditor.audit(landed.sample, landed.file))
    return Trial(findings, time.monotonic() - began)
