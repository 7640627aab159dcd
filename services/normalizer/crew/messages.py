"""Objects through a pipe between two processes of the crew.

Pickle is safe here as nowhere else: one end has started the other. The buffers of Arrow's arrays, which are
nearly all of a batch, are read straight into Arrow's memory.
"""

from __future__ import annotations

import pickle
from io import BufferedReader
from typing import BinaryIO

import pyarrow as pa


def send(message: object, pipe: BinaryIO) -> None:
    """Write one object.

    Raises:
        OSError: nobody reads any more.
    """
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    pickle.dump((body, [each.nbytes for each in raw]), pipe, protocol=5)
    for each in raw:
        pipe.write(each)
    pipe.flush()


def receive(pipe: BufferedReader) -> object:
    """Read one object.

    Raises:
        OSError, EOFError, UnpicklingError: the other process has ended.
    """
    body, sizes = pickle.load(pipe)  # noqa: S301 (see above)
    buffers = [pa.allocate_buffer(size) for size in sizes]
    for buffer in buffers:
        if pipe.readinto(memoryview(buffer)) < buffer.size:
            raise EOFError
    message: object = pickle.loads(body, buffers=buffers)  # noqa: S301
    return message
