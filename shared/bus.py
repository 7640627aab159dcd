"""Publishing events so that none is lost in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.errors import AwsUnavailable, LandfallError
from shared.events import SOURCE, Event, MessageRejected
from shared.gathering import Gathering

if TYPE_CHECKING:
    from types_aiobotocore_events import EventBridgeClient
    from types_aiobotocore_events.type_defs import PutEventsRequestEntryTypeDef

_TRIES = 4
_FIRST_DELAY = 0.2  # seconds; doubles with each try
_BATCH = 10


class EventBus:
    """The EventBridge bus that chains the services. Events published at the same time share a call."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name
        self._gathering = Gathering(self._put, most=_BATCH)

    async def publish(self, event: Event | MessageRejected) -> None:
        """Publish one event; a failed entry in a successful answer is tried again.

        Raises:
            AwsUnavailable: the bus refused the entry each time.
            LandfallError: the call itself failed.
        """
        entry: PutEventsRequestEntryTypeDef = {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.detail_type,
            "Detail": event.model_dump_json(),
        }
        code = ""
        for attempt in range(_TRIES):
            code = await self._gathering.submit(self._name, entry)
            if not code:
                return
            await asyncio.sleep(_FIRST_DELAY * 2**attempt)
        raise AwsUnavailable(f"PutEvents kept failing for {event.detail_type} ({code})")

    async def _put(
        self, _name: str, entries: Sequence[PutEventsRequestEntryTypeDef]
    ) -> Sequence[str | LandfallError]:
        """The error code of each entry, empty where the bus took it."""
        answer = await self._client.put_events(Entries=entries)
        if answer["FailedEntryCount"] == 0:
            return [""] * len(entries)
        return ["" if "EventId" in each else each.get("ErrorCode", "no code") for each in answer["Entries"]]
