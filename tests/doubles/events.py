"""An event bus in memory that remembers what was published."""

from __future__ import annotations

import json
from typing import Any, cast

from shared.bus import EventBus
from shared.events import AnyEvent, parse_detail


class InMemoryEvents:
    """``published`` holds every event accepted; ``refuse`` makes that many entries fail first."""

    def __init__(self, refuse: int = 0) -> None:
        self.published: list[AnyEvent] = []
        self.refuse = refuse

    def bus(self) -> EventBus:
        return EventBus(cast("Any", self), "bus")

    async def put_events(self, *, Entries: list[dict[str, str]]) -> Any:
        if self.refuse:
            self.refuse -= 1
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
        for entry in Entries:
            self.published.append(parse_detail(json.loads(entry["Detail"])))
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}
