"""Publishing events so that none is lost in silence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shared.errors import AwsUnavailable
from shared.events import SOURCE, Event, MessageRejected

if TYPE_CHECKING:
    from types_aiobotocore_events import EventBridgeClient

_TRIES = 4
_FIRST_DELAY = 0.2  # seconds; doubles with each try


class EventBus:
    """The EventBridge bus that chains the services."""

    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    async def publish(self, event: Event | MessageRejected) -> None:
        """Publish one event; a failed entry in a successful answer is tried again.

        Raises:
            AwsUnavailable: the bus refused the entry each time.
        """
        for attempt in range(_TRIES):
            answer = await self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._name,
                        "Source": SOURCE,
                        "DetailType": event.detail_type,
                        "Detail": event.model_dump_json(),
                    }
                ]
            )
            if answer["FailedEntryCount"] == 0:
                return
            await asyncio.sleep(_FIRST_DELAY * 2**attempt)
        code = answer["Entries"][0].get("ErrorCode", "no code")
        raise AwsUnavailable(f"PutEvents kept failing for {event.detail_type} ({code})")
