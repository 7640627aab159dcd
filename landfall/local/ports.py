"""Ports on loopback."""

from __future__ import annotations

import http.client
import socket
from contextlib import ExitStack

from landfall.errors import OperatorError

LOOPBACK = "127.0.0.1"


def claim(*ports: int) -> list[int]:
    """Each port if nothing listens there, or any free one for 0, no two of them the same.

    Raises:
        OperatorError: something listens at one of them.
    """
    with ExitStack() as held:
        return [_bound(held.enter_context(socket.socket()), port) for port in ports]


def _bound(probe: socket.socket, port: int) -> int:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((LOOPBACK, port))
    except OSError:
        raise OperatorError(
            f"Port {port} is in use: end what listens there, or choose another by `--port` (0 takes any)."
        ) from None
    chosen: int = probe.getsockname()[1]
    return chosen


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server on ``port`` answers ``path`` with 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
