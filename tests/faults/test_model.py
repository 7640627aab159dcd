"""The model test: whatever happens to the services, in the end every file is exactly where it must be."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from unittest.mock import patch

import pytest
import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

import shared.commit
from services.archiver.archive import Archive
from shared.manifests import ArchiveManifest
from tests.faults.model.machine import TALLY, Chaos

SEED = int(os.environ.get("LANDFALL_MODEL_SEED") or time.time())
RUNS = int(os.environ.get("LANDFALL_MODEL_RUNS") or (250 if os.environ.get("CI") else 50))
UNTIL_NOTICED = 400  # runs; by far the most of these defects are noticed in the first forty


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of faults would be told of."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


def run(runs: int, *phases: Phase) -> None:
    chosen = settings(
        max_examples=runs,
        stateful_step_count=40,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED)(Chaos), settings=chosen)


def test_nothing_is_lost_or_doubled_whatever_happens(capsys: pytest.CaptureFixture[str]) -> None:
    TALLY.clear()
    with capsys.disabled():
        print(f"\nLANDFALL_MODEL_SEED={SEED}", end=" ", flush=True)
        run(RUNS, Phase.generate, Phase.shrink)
        print(f"{TALLY['files']} files, {TALLY['calls']:,} calls to AWS in {TALLY['runs']} runs", end=" ")


async def _leave(*_: object, **__: object) -> None:
    """What a service does that has forgotten to."""


async def _delete_by_key(archive: Archive, manifest: ArchiveManifest) -> None:
    for each in manifest.archived:
        await archive.store.delete(manifest.file.bucket, each.source_key)


@pytest.mark.parametrize(
    "defect",
    [
        pytest.param(patch.object(shared.commit, "remove_leftovers", _leave), id="leftovers stay"),
        pytest.param(patch.object(Archive, "remove_originals", _leave), id="originals stay"),
        pytest.param(patch.object(Archive, "remove_originals", _delete_by_key), id="newer versions go too"),
    ],
)
def test_the_model_notices_a_defect(defect: AbstractContextManager[object]) -> None:
    with defect, pytest.raises((AssertionError, ExceptionGroup)):
        run(UNTIL_NOTICED, Phase.generate)
