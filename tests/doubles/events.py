"""An event bus in memory that remembers what was published."""

from __future__ import annotations

import json
from typing import Any, cast

from shared.bus import EventBus
from shared.events import AnyEvent, parse_detail


class InMemoryEvents:
    """``published`` holds every event accepted; ``refuse`` makes that many entries fail first.

    ``calls`` has the number of entries of each call.
    """

    def __init__(self, refuse: int = 0) -> None:
        self.published: list[AnyEvent] = []
        self.refuse = refuse
        self.calls: list[int] = []

    def bus(self) -> EventBus:
        return EventBus(cast("Any", self), "bus")

    async def put_events(self, *, Entries: list[dict[str, str]]) -> Any:
        self.calls.append(len(Entries))
        refused = Entries[: self.refuse]
        self.refuse -= len(refused)
        for entry in Entries[len(refused) :]:
            self.published.append(parse_detail(json.loads(entry["Detail"])))
        answers = [{"ErrorCode": "InternalFailure"}] * len(refused)
        answers += [{"EventId": "e"}] * (len(Entries) - len(refused))
        return {"FailedEntryCount": len(refused), "Entries": answers}
