"""What holds for every test."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Iterator

import pytest
import structlog
from hypothesis import settings

# How long an example takes says how busy the machine is; speed has benchmarks of its own.
settings.register_profile("landfall", deadline=None, print_blob=True)
settings.load_profile("landfall")


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command that runs in this process sends its log to a stream that ends with the test."""
    config, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**config)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.contextvars.clear_contextvars()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Locally a test whose tool is missing is skipped with the reason; in CI nothing may go untested."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "skipped"
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {reason}"
    return report
