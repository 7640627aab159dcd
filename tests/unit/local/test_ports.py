"""Ports are claimed before anything is started on them."""

from __future__ import annotations

import socket

import pytest

from landfall.errors import OperatorError
from landfall.local.ports import LOOPBACK, answers, claim


def test_zero_is_any_free_port() -> None:
    (port,) = claim(0)
    with socket.create_server((LOOPBACK, port)):
        pass


def test_ports_that_are_claimed_together_differ() -> None:
    assert len(set(claim(*[0] * 200))) == 200


@pytest.mark.parametrize("address", [LOOPBACK, "0.0.0.0"])
def test_a_port_in_use_says_what_to_do(address: str) -> None:
    with socket.create_server((address, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(OperatorError, match=f"Port {port} is in use.*--port"):
            claim(port)


def test_nothing_answers_on_a_port_where_nobody_listens() -> None:
    (port,) = claim(0)
    assert not answers(port, "/")
