"""Open HTTP connections by host, each used by one exchange at a time and again where that went well."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path

T = TypeVar("T")

_TIMEOUT_SECONDS = 20.0
_IDLE_SECONDS = 4.0  # S3 closes idle connections; one that it is about to close is not worth a try


class Connections:
    """Connections that are idle now; safe to use from any thread."""

    def __init__(self) -> None:
        self._idle: defaultdict[str, list[tuple[HTTPConnection, float]]] = defaultdict(list)
        self._lock = Lock()
        trusted = os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)
        self._tls = ssl.create_default_context(cafile=trusted)

    def take(self, scheme: str, host: str) -> HTTPConnection:
        """A connection to ``host`` (with its port, where that is not the scheme's own)."""
        with self._lock:
            idle = self._idle[host]
            while idle:
                connection, since = idle.pop()
                if time.monotonic() - since < _IDLE_SECONDS:
                    return connection
                connection.close()
        if scheme == "https":
            return HTTPSConnection(host, timeout=_TIMEOUT_SECONDS, context=self._tls)
        return HTTPConnection(host, timeout=_TIMEOUT_SECONDS)

    def give_back(self, host: str, connection: HTTPConnection) -> None:
        """Keep a connection whose exchange is complete for the next one."""
        with self._lock:
            self._idle[host].append((connection, time.monotonic()))

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            for connections in self._idle.values():
                for connection, _ in connections:
                    connection.close()
            self._idle.clear()


class Exchange(Generic[T]):
    """One request and its answer, run in a thread, and given up from any other.

    Args:
        connections: where the connection comes from and goes back to.
        url: its host is connected to, the rest sent exactly as it stands: keys may hold ``..`` or ``//``.
        perform: the exchange; a false result means that it did not go well.
    """

    def __init__(
        self, connections: Connections, url: str, perform: Callable[[HTTPConnection, str], T]
    ) -> None:
        self._connections = connections
        self._scheme, self._host, *_ = urlsplit(url)
        self._path = url.removeprefix(f"{self._scheme}://{self._host}")
        self._perform = perform
        self._connection: HTTPConnection | None = None
        self._given_up = False

    def run(self) -> T | None:
        """The exchange's result, None where the connection failed."""
        connection = self._connection = self._connections.take(self._scheme, self._host)
        result = None
        try:
            if not self._given_up:
                result = self._perform(connection, self._path)
        except (OSError, HTTPException):
            result = None
        if result:
            self._connections.give_back(self._host, connection)
        else:
            connection.close()
        return result

    def give_up(self) -> None:
        """End it: whoever runs it returns at once."""
        self._given_up = True
        opened = self._connection.sock if self._connection is not None else None
        if opened is not None:
            with suppress(OSError):  # it may have ended just now
                opened.shutdown(socket.SHUT_RDWR)
