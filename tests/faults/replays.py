"""Replays by force: what a generation must not leave behind, and what an older one must not do to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from landfall.waiting import wait_until
from tests.faults.faults import Freeze, Kill
from tests.faults.matrix import Case
from tests.faults.samples import extract
from tests.faults.trial import Arena, Landed, Trial

_WITHIN = 90.0
_AGAIN = "run again by force"
_FEWER = "fewer outputs"


def replays() -> list[Case]:
    """All of them. From decrypt and normalize on, the bytes are in archive/ only."""
    return [
        Case("decrypt", f"{_AGAIN} from archive/; killed after raw.put", _from_archive("raw.put"), True),
        Case("decrypt", f"{_AGAIN} from archive/; killed after manifest.put", _from_archive("manifest.put")),
        *(
            Case("normalize", f"{_AGAIN} with {what}; killed after curated.put", _killed(recipes, what), True)
            for what, recipes in _RECIPES.items()
        ),
        *(
            Case(
                "normalize", f"stands still; {_AGAIN} with {what} meanwhile", _overtaken(recipes, what), True
            )
            for what, recipes in _RECIPES.items()
        ),
    ]


_RECIPES: dict[str, Callable[[Arena], Path]] = {
    "other recipes": lambda arena: arena.moving_recipes,
    _FEWER: lambda arena: arena.fewer_recipes,
}


def _from_archive(boundary: str) -> Callable[[Arena], Trial]:
    def run(arena: Arena) -> Trial:
        landed = arena.land(extract)
        arena.settle([landed])
        arena.fleet.arm("decryptor", Kill(boundary, "after"))
        return _done_again(arena, landed, "decrypt")

    return run


def _killed(recipes: Callable[[Arena], Path], what: str) -> Callable[[Arena], Trial]:
    """Another recipe, and a death between what it makes and its manifest."""

    def run(arena: Arena) -> Trial:
        landed = arena.land(extract)
        arena.settle([landed])
        with arena.fleet.changed("normalizer", LANDFALL_RECIPES=str(recipes(arena))):
            normalizer = arena.fleet.members["normalizer"]
            normalizer.end()
            normalizer.start()
            arena.fleet.arm("normalizer", Kill("curated.put", "after"))
            return _done_again(arena, _expecting(arena, landed, what), "normalize")

    return run


def _overtaken(recipes: Callable[[Arena], Path], what: str) -> Callable[[Arena], Trial]:
    """A later generation is begun and done while the first is about to put its rows, which it does then."""

    def run(arena: Arena) -> Trial:
        freeze = Freeze("curated.put", "before")
        arena.fleet.arm("normalizer", freeze)
        landed = arena.land(extract)
        wait_until(lambda: freeze.struck or None, within=_WITHIN)
        began = time.monotonic()
        with arena.fleet.twin("normalizer", LANDFALL_RECIPES=str(recipes(arena))):
            arena.landfall("replay", landed.file.file_id, "--from", "normalize", "--force", "--yes")
            arena.settle([landed])
            arena.fleet.thaw("normalizer", freeze)
            arena.settle([landed])
        arena.fleet.disarm()
        changed = _expecting(arena, landed, what)
        findings = arena.audit([changed])
        findings.missing(1 - len(arena.deliveries.of_generation(changed.file.file_id, 1)), "outcome")
        return Trial(findings, time.monotonic() - began)

    return run


def _done_again(arena: Arena, landed: Landed, stage: str) -> Trial:
    """Replay a file that is done, and look at it when its second outcome has come."""
    began, file_id = time.monotonic(), landed.file.file_id
    arena.landfall("replay", file_id, "--from", stage, "--force", "--yes")
    arena.settle([landed])
    struck = any(fault.struck for fault in arena.fleet.armed())
    arena.fleet.disarm()
    findings = arena.audit([landed])
    findings.missing(1 - len(arena.deliveries.of_generation(file_id, 1)), "outcome of the second run")
    if not struck:
        findings.faults.append("the fault was never reached")
    return Trial(findings, time.monotonic() - began)


def _expecting(arena: Arena, landed: Landed, what: str) -> Landed:
    rows = landed.sample.rows
    return arena.expect(landed, {"sent": rows["sent"]}) if what == _FEWER else landed
