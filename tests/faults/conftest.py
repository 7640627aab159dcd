"""One stack with real services behind proxies, for all tests of this folder that need it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.trial import Arena


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """The one stack. Whatever its services ask of AWS, until they have ended, their roles must allow."""
    with Arena(tmp_path_factory.mktemp("arena")) as arena:
        yield arena
    arena.ledger.check()


@pytest.fixture
def arena(standing: Arena) -> Iterator[Arena]:
    """Services that are well unless a test does something to them; each test lands files of its own.

    A test in which a service asks for what its role does not allow has an error.
    """
    yield standing
    refused = standing.refusals()
    assert not refused, "\n".join(refused)
