"""How long an outage is outlasted, by the receives of the template and the delays of the settings."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from services.cataloger.settings import CatalogerSettings
from shared.settings import WorkerSettings
from shared.worker.backoff import Backoff
from tests.generated_docs import ROOT
from tests.unit.local.templates.reading import default

PAGE = " ".join((ROOT / "docs/reliability.md").read_text(encoding="utf-8").split())
MINUTE = 60


class Extreme(Random):
    """Chance at its worst: always the shortest delay, or always the longest."""

    def __init__(self, choose: Callable[[float, float], float]) -> None:
        super().__init__()
        self._choose = choose

    def uniform(self, a: float, b: float) -> float:
        return self._choose(a, b)


def all_delays(
    choose: Callable[[float, float], float], receives: int, settings: type[WorkerSettings] = WorkerSettings
) -> int:
    """Seconds between a file's first try and its last, nothing set by the operator."""
    fields = settings.model_fields
    base, cap = fields["backoff_base_seconds"].default, fields["backoff_cap_seconds"].default
    backoff = Backoff(base, cap, Extreme(choose))
    return sum(backoff.seconds(receive) for receive in range(1, receives))


def test_an_outage_of_a_quarter_of_an_hour_fails_no_file() -> None:
    outlasted = all_delays(min, default("messaging", "MaxReceiveCount"))
    assert outlasted >= 15 * MINUTE
    assert f"**At least {outlasted // MINUTE} minutes, as deployed**" in PAGE
    assert f"{outlasted:,} s" in PAGE
    assert all_delays(min, default("messaging", "CatalogMaxReceiveCount"), CatalogerSettings) >= outlasted


def test_an_outage_of_minutes_fails_no_file_that_lost_two_receives_to_dying_workers() -> None:
    assert all_delays(min, default("messaging", "MaxReceiveCount") - 2) >= 5 * MINUTE


def test_what_is_tried_in_vain_is_reported_before_the_sweep_takes_it_for_stalled() -> None:
    vain = all_delays(max, default("messaging", "MaxReceiveCount"))
    assert vain < 60 * MINUTE
    of_catalog = all_delays(max, default("messaging", "CatalogMaxReceiveCount"), CatalogerSettings)
    assert of_catalog < 60 * MINUTE
    assert f"after some {vain // MINUTE} minutes, {of_catalog // MINUTE} in the catalog stage," in PAGE


def test_the_cataloger_may_restart_more_often_than_any_deployment_makes_it() -> None:
    receives = default("messaging", "CatalogMaxReceiveCount")
    assert receives >= 2 * default("messaging", "MaxReceiveCount")
    assert receives == 20, "docs/reliability.md and docs/operations.md say twenty, and nineteen restarts"
