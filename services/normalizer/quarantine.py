"""Rejected rows on their way to quarantine/: one JSON object a line, in an encrypted bucket, never logged."""

from __future__ import annotations

import asyncio
import base64
import json

from shared.layout import quarantine_key
from shared.objects.outputs import OutputSet
from shared.objects.streams import UploadWriter, run_on_loop


class Quarantine:
    """The rejected rows of one member; its object exists only if there are any. Use from a worker thread."""

    def __init__(
        self, outputs: OutputSet, loop: asyncio.AbstractEventLoop, bucket: str, file_id: str, stem: str
    ) -> None:
        self._outputs = outputs
        self._loop = loop
        self._bucket = bucket
        self._key = quarantine_key(file_id, stem)
        self._writer: UploadWriter | None = None

    def reject(self, record: int, reason: str, raw: bytes) -> None:
        """Write one rejected record, by its number in the member (the header is record 1)."""
        if self._writer is None:
            self._upload = self._outputs.open(self._bucket, self._key)
            self._writer = UploadWriter(self._upload, self._loop)
        self._writer.write(rejected_line(record, reason, raw))

    def close(self) -> str | None:
        """End the object, still invisible.

        Returns:
            Its key, or None where no row was rejected.
        """
        if self._writer is None:
            return None
        self._writer.close()
        run_on_loop(self._outputs.seal(self._upload), self._loop)
        return self._key


def rejected_line(record: int, reason: str, raw: bytes) -> bytes:
    """A rejected record as one line of JSON; bytes that are no UTF-8 go as Base64 under ``raw_base64``."""
    line: dict[str, int | str] = {"record": record, "reason": reason}
    try:
        line["raw"] = raw.decode()
    except UnicodeDecodeError:
        line["raw_base64"] = base64.b64encode(raw).decode()
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"
