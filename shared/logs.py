"""JSON logs, one line an event, with nothing in them that a file contained.

An exception's text can quote data (a parser's "invalid value …"), so no traceback is ever rendered with
messages or local variables: only exception types and code locations are.
"""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.identity import LandedFile, trace_id


def configure_logging(service: str, level: str, stream: TextIO = sys.stdout) -> None:
    """Send structlog and standard logging to a stream as JSON lines, bound to the service's name."""
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _only_where_it_broke,
    ]
    renderer = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*chain, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,  # a process that configures again means the other stream
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=chain,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries speak only when something is wrong: their info lines could quote what they handle.
    root.setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


def _only_where_it_broke(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error_type"] = type(error).__name__
        event["trace"] = trace(error)
    return event


def trace(error: BaseException) -> list[str]:
    """Where an exception came from: ``file:line function`` per frame, innermost last, without any values."""
    tb: TracebackType | None = error.__traceback__
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(tb)]


def about(file: LandedFile, generation: int) -> dict[str, str | int]:
    """Which run over which file a log line is about; to be bound while it is worked on."""
    file_id = file.file_id
    return {"file_id": file_id, "generation": generation, "trace_id": trace_id(file_id, generation)}


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """The logger of the calling module; context (file_id, stage, message_id) is bound per message."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
