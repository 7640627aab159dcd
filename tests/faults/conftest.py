"""One stack with real services behind proxies, for all tests of this folder that need it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.trial import Arena


@pytest.fixture(scope="session")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """Services that are well unless a test does something to them; each test lands files of its own."""
    with Arena(tmp_path_factory.mktemp("arena")) as arena:
        yield arena
