"""Services that may do on AWS whatever they do here, or the tests that run them fail."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from landfall.local.stack import LocalStack
from tests.permissions.ledger import Ledger
from tests.permissions.policies import SERVICES
from tests.permissions.recorded import Recorded, recorded_services


@contextmanager
def guarded_services(stack: LocalStack, names: Collection[str] = SERVICES) -> Iterator[Recorded]:
    """Have the services ``names`` run over ``stack`` while the block runs; the block can start the others.

    Raises:
        AssertionError: at the end, with each call that the role of its service does not allow.
    """
    ledger = Ledger.of(stack.deployment)
    with recorded_services(stack, ledger.note, names) as recorded:
        yield recorded
    ledger.check()
