"""The model test: whatever happens to the services, in the end every file is exactly where it must be."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.model.machine import STEPS, Chaos


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of faults would be told of."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


_EXAMPLES = 150 if os.environ.get("CI") else int(os.environ.get("N", "40"))


def test_nothing_is_lost_or_doubled_whatever_happens() -> None:
    chosen = settings(
        max_examples=_EXAMPLES,
        stateful_step_count=40,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Chaos, settings=chosen)
    print(f"{STEPS['files']} files, {STEPS['steps']} calls to AWS in {STEPS['runs']} runs")
