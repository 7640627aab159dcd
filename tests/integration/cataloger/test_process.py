"""The service itself: killed while files wait, or given more files than it holds, it loses and fails none."""

from __future__ import annotations

import os
import signal

import pyarrow as pa

from landfall.waiting import wait_until
from shared.events import envelope
from tests.integration.cataloger.lake import Lake, event
from tests.integration.cataloger.service import VISIBILITY_SECONDS, Catalogers, Queues

ROWS = pa.table({"n": [1, 2]})
FILES = 5
BURST, HELD = 120, 20


def test_files_whose_cataloger_was_killed_are_catalogued_by_the_next(
    lake: Lake, queues: Queues, catalogers: Catalogers
) -> None:
    files = [lake.normalized("sent", "append", ROWS, key=f"landing/{n}.zip") for n in range(FILES)]
    for file in files:
        queues.send(envelope(event(file)))
    first = catalogers.start()
    wait_until(lambda: lake.crawls() or None, within=20)
    os.kill(first.pid, signal.SIGKILL)
    catalogers.start()
    wait_until(lambda: queues.is_empty() or None, within=60)
    assert [lake.manifest(file).tables[0].table for file in files] == ["sent"] * FILES
    # Two receives, or three where the dead poll's connection swallowed one; five would be a dead letter.
    assert max(lake.manifest(file).attempt for file in files) in (2, 3)


def test_waiting_past_the_visibility_time_out_is_no_other_receive(
    lake: Lake, queues: Queues, catalogers: Catalogers
) -> None:
    catalogers.start()
    file = lake.normalized("sent", "append", ROWS)
    queues.send(envelope(event(file)))
    wait_until(lambda: queues.is_empty() or None, within=60)
    done = lake.manifest(file)
    assert (done.finished_at - done.started_at).total_seconds() > VISIBILITY_SECONDS
    assert done.attempt == 1


def test_what_a_cataloger_cannot_hold_stays_in_the_queue_and_needs_no_further_crawl(
    lake: Lake, queues: Queues, catalogers: Catalogers
) -> None:
    files = [lake.normalized("sent", "append", ROWS, key=f"landing/{n}.zip") for n in range(BURST)]
    for file in files:
        queues.send(envelope(event(file)))
    for _ in range(2):
        catalogers.start(concurrency=str(HELD))
    wait_until(lambda: queues.is_empty() or None, within=120)
    manifests = [lake.manifest(file) for file in files]
    assert {manifest.attempt for manifest in manifests} == {1}
    assert all(manifest.crawl is not None for manifest in manifests)
    assert 1 <= lake.crawls() <= 3
