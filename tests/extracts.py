"""Small extracts as Marketing Cloud writes them, by their number of rows."""

from __future__ import annotations

import io
import zipfile

HEADER = "ClientID,SubscriberKey,EmailAddress,SubscriberID,Status,DateHeld,DateCreated,DateUnsubscribed"


def subscribers(rows: int, first: int = 1) -> bytes:
    lines = [
        f"7,ada{n}@example.com,ada{n}@example.com,{n},Active,,1/31/2026 5:03:02 PM,"
        for n in range(first, first + rows)
    ]
    return "\r\n".join([HEADER, *lines, ""]).encode()


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(f"{name}.csv", body)
    return packed.getvalue()


def sent(rows: int) -> bytes:
    header = (
        "ClientID,SendID,SubscriberKey,EmailAddress,SubscriberID,ListID,"
        "EventDate,EventType,BatchID,TriggeredSendExternalKey"
    )
    lines = [f"7,9,k{n},k{n}@example.com,{n},1,1/31/2026 5:03:02 PM,Sent,1," for n in range(rows)]
    return "\r\n".join([header, *lines, ""]).encode()
