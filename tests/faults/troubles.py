"""Every way in which AWS and the network can misbehave without anyone dying."""

from __future__ import annotations

import time
from collections.abc import Iterator

from landfall.deployment import SERVICES
from tests.faults import effects
from tests.faults.faults import Effect, Trouble
from tests.faults.matrix import Case
from tests.faults.refused import ragged
from tests.faults.samples import Make, extract, large, plain
from tests.faults.trial import Arena, Trial

_READS = frozenset({"landing.read", "staging.read", "raw.read", "manifest.read"})
_LOOKS = frozenset({"landing.look", "staging.look", "raw.look", "curated.look", "archive.look"})
_EVERYWHERE: frozenset[str] = frozenset()
# What S3 may take so long for that it begins its answer, by status 200, before it is done.
_LENGTHY = frozenset({"raw.complete", "curated.complete", "archive.complete", "archive.copy", "archive.part"})
_PUBLISH = frozenset({"event.publish"})
_OUTAGE_SECONDS = 10.0
_KMS_OUTAGE_SECONDS = 60.0
_KMS_HEALED_WITHIN = 240.0  # the delays double, so that the last may be longer than the outage
_FILES = 12
_WORK_SECONDS = 6.0  # more than a message is hidden for
# These cross boundaries that a small file which succeeds does not.
_OTHERS: tuple[tuple[Make, str], ...] = ((large, " of a file in parts"), (ragged, " of a file that fails"))


def troubles() -> list[Case]:
    """All of them. What comes to every other request comes to the first across each boundary."""
    return [
        *_requests("every other request throttled", effects.throttle, 2),
        *_requests("every other request ends in a server error", effects.break_down, 2, core=False),
        *_requests("connection reset before every other request", effects.reset_before, 2),
        *_requests("connection reset after every third request", effects.reset_after, 3),
        *_requests("every other read cut short", effects.cut_short, 2, _READS),
        *_requests("every third answer cut short", effects.cut_short, 3, core=False),
        _in_body("S3 fails under status 200", effects.fail_in_body),
        _in_body("S3 fails under status 200 when it is done", effects.fail_in_body_after),
        _trouble(
            "S3 takes clocks for wrong for 10 s",
            Trouble(effects.mistrust_clock, seconds=_OUTAGE_SECONDS),
            core=False,
        ),
        _trouble(
            "S3 takes clocks for wrong at every other HEAD",
            Trouble(effects.mistrust_clock, _LOOKS, one_in=2),
            core=False,
        ),
        _trouble("all requests throttled for 10 s", Trouble(effects.throttle, seconds=_OUTAGE_SECONDS)),
        _trouble("the entries of every other PutEvents lost", Trouble(effects.lose_entries, _PUBLISH, 2)),
        _trouble(
            "the entries of five PutEvents in a row lost",
            Trouble(effects.lose_entries, _PUBLISH, most=5),
            core=False,
        ),
        Case("all", f"{_FILES} files, every other entry of each PutEvents lost", _entries_lost, core=True),
        _trouble("every event taken twice", Trouble(effects.send_twice, _PUBLISH)),
        Case("normalize", "every other heartbeat throttled while work lasts", _heartbeats_fail),
        Case("all", "AWS out of reach for 10 s", _out_of_reach, core=True),
        Case("all", "AWS out of reach while services start", _out_of_reach_at_start, core=True),
        Case("all", "every other request throttled while services start", _throttled_at_start),
        Case("decrypt", "KMS down for a minute", _without_kms),
    ]


def _requests(
    name: str, effect: Effect, one_in: int, boundaries: frozenset[str] = _EVERYWHERE, *, core: bool = True
) -> Iterator[Case]:
    yield _trouble(name, Trouble(effect, boundaries, one_in), core=core)
    for make, which in _OTHERS:
        yield _trouble(f"{name}{which}", Trouble(effect, boundaries, one_in), make, core=False)


def _trouble(name: str, trouble: Trouble, make: Make = extract, *, core: bool = True) -> Case:
    return Case("all", name, lambda arena: arena.undergo(make, _for_all(trouble)), core)


def _in_body(name: str, effect: Effect) -> Case:
    """A file whose copies and uploads come in parts, and one whose copies do not."""

    def run(arena: Arena) -> Trial:
        trial = arena.undergo(large, _for_all(Trouble(effect, _LENGTHY, 2)))
        other = arena.undergo(extract, _for_all(Trouble(effect, _LENGTHY, 2)))
        trial.findings.add(other.findings)
        return Trial(trial.findings, max(trial.seconds, other.seconds))

    return Case("all", name, run)


def _for_all(trouble: Trouble) -> dict[str, list[Trouble]]:
    """The same for every service, each with a count of its own."""
    return {service: [trouble.anew()] for service in SERVICES}


def _entries_lost(arena: Arena) -> Trial:
    """Files that come together publish together, and then some events of a call are lost."""
    loses = {service: effects.LoseSome() for service in SERVICES}
    for service, lose in loses.items():
        arena.fleet.arm(service, Trouble(lose, _PUBLISH))
    began = time.monotonic()
    landed = [arena.land(plain) for _ in range(_FILES)]
    arena.settle(landed)
    arena.fleet.disarm()
    findings = arena.audit(landed)
    if not any(lose.refused for lose in loses.values()):
        findings.faults.append("no entry was ever lost beside one that was taken")
    return Trial(findings, time.monotonic() - began)


def _heartbeats_fail(arena: Arena) -> Trial:
    slow = Trouble(effects.delay(_WORK_SECONDS), frozenset({"raw.read"}), most=1)
    throttled = Trouble(effects.throttle, frozenset({"message.hide"}), one_in=2)
    return arena.undergo(extract, {"normalizer": [slow, throttled]})


def _out_of_reach(arena: Arena) -> Trial:
    landed = arena.land(extract)
    began = time.monotonic()
    arena.fleet.part()
    time.sleep(_OUTAGE_SECONDS)
    arena.fleet.rejoin()
    arena.settle([landed])
    return Trial(arena.auditor.audit(landed.sample, landed.file), time.monotonic() - began)


def _out_of_reach_at_start(arena: Arena) -> Trial:
    arena.fleet.part()
    for member in arena.fleet.members.values():
        member.kill()
    landed = arena.land(extract)
    began = time.monotonic()
    while time.monotonic() - began < _OUTAGE_SECONDS:
        arena.fleet.tend()
        time.sleep(1)
    arena.fleet.rejoin()
    arena.settle([landed])
    return Trial(arena.auditor.audit(landed.sample, landed.file), time.monotonic() - began)


def _throttled_at_start(arena: Arena) -> Trial:
    for member in arena.fleet.members.values():
        member.kill()
    return arena.undergo(extract, _for_all(Trouble(effects.throttle, one_in=2)))


def _without_kms(arena: Arena) -> Trial:
    """As deployed: with the receives of the template, as in all of these tests, and with its delays, too."""
    down = Trouble(effects.lose_kms, frozenset({"key.decrypt"}), seconds=_KMS_OUTAGE_SECONDS)
    with arena.shipped_delays("decryptor"):
        return arena.undergo(extract, {"decryptor": [down]}, within=_KMS_HEALED_WITHIN)
