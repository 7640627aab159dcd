"""Files to land, with what must become of them, computed without any of Landfall's code.

Every row carries its file's marker, a number of its own: so the rows of one file are found among all others,
wherever they are.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from services.normalizer.settings import BUILT_IN_RECIPES

Row: TypeAlias = tuple[object, ...]
Rows: TypeAlias = dict[str, "Counter[Row]"]
Seal: TypeAlias = Callable[[bytes], bytes]

# What is compared of each dataset; the first column holds the marker.
COMPARED = {
    "bounces": ("client_id", "batch_id", "email_plain", "event_date"),
    "sent": ("send_id", "batch_id", "email_plain", "event_date"),
    "subscribers": ("client_id", "email_plain", "status"),
}
# Which of them a table belongs to: other recipes have the same rows go to another one.
MOVED = "sent_moved"
DATASETS = {**dict(zip(COMPARED, COMPARED, strict=True)), MOVED: "sent"}
MISPLACED = "bounces"  # a table of this name lies elsewhere, so no row of the dataset can be shown
REFRESHED = "unit-refreshed/"
_SENT = (
    "ClientID,SendID,SubscriberKey,EmailAddress,SubscriberID,ListID,EventDate,EventType,BatchID,"
    "TriggeredSendExternalKey"
)
_SUBSCRIBERS = "ClientID,SubscriberKey,EmailAddress,SubscriberID,Status,DateHeld,DateCreated,DateUnsubscribed"
BEGIN = datetime(2026, 1, 31, 17, 3, 2, tzinfo=UTC)
CENTRAL = timedelta(hours=6)  # Salesforce writes UTC-6 without daylight saving


@dataclass(frozen=True)
class Sample:
    """One file as it lands, and what must become of it.

    ``fails`` is the code with which a service must refuse it, None where it must succeed; ``decrypted`` is
    whether its members get as far as raw/. ``unshown`` are rows in the curated bucket that no table may show,
    and ``is_deleted`` is whether somebody deletes the original from landing/ before it is archived.
    """

    marker: int
    key: str
    body: bytes
    members: dict[str, bytes]
    rows: Rows = field(default_factory=dict)
    fails: str | None = None
    decrypted: bool = True
    unshown: Rows = field(default_factory=dict)
    is_deleted: bool = False

    @property
    def refreshes(self) -> str | None:
        """Which snapshot it replaces, where it is a refresh."""
        return REFRESHED if self.key.startswith(REFRESHED) else None


Make: TypeAlias = Callable[[int, Seal], Sample]


def extract(marker: int, seal: Seal) -> Sample:
    """A sealed zip of two datasets, one of them a snapshot, with a row that is set aside."""
    sent, sent_rows = sent_of(marker, 120)
    people, people_rows = _subscribers(marker, 7)
    members = {"Sent.csv": sent + b"1,too,few\r\n", "Subscribers.csv": people}
    rows = {"sent": sent_rows, "subscribers": people_rows}
    return Sample(marker, f"{folder_of(marker)}20260131_Extract.zip", seal(zipped(members)), members, rows)


def large(marker: int, _seal: Seal) -> Sample:
    """One member of so many bytes that it and its rows go up in parts."""
    sent, rows = sent_of(marker, 170_000)
    return Sample(marker, f"{folder_of(marker)}Sent.csv", sent, {"Sent.csv": sent}, {"sent": rows})


def spoilt(marker: int, _seal: Seal) -> Sample:
    """Few of its rows are damaged, but they are so long that they go to quarantine/ in parts."""
    sent, rows = sent_of(marker, 3000)
    body = sent + (b"1,too,few," + b"x" * 900_000 + b"\r\n") * 15
    return Sample(marker, f"{folder_of(marker)}Sent.csv", body, {"Sent.csv": body}, {"sent": rows})


def plain(marker: int, _seal: Seal) -> Sample:
    """One small member as it is."""
    sent, rows = sent_of(marker, 30)
    return Sample(marker, f"{folder_of(marker)}Sent.csv", sent, {"Sent.csv": sent}, {"sent": rows})


def refresh(marker: int, _seal: Seal) -> Sample:
    """A snapshot that takes the place of all before it: each has a later date in its name."""
    people, rows = _subscribers(marker, 5)
    members = {"Subscribers.csv": people}
    key = f"{REFRESHED}{BEGIN + timedelta(days=marker):%Y%m%d}_Extract.zip"
    return Sample(marker, key, zipped(members), members, {"subscribers": rows})


def folder_of(marker: int) -> str:
    """A sender's folder of its own."""
    return f"unit-{marker}/"


def sent_of(marker: int, many: int) -> tuple[bytes, Counter[Row]]:
    """A Sent.csv, and its rows as they must be found."""
    lines, rows = [_SENT], Counter[Row]()
    for n in range(many):
        address = f"ada{n}@example.com"
        at = BEGIN + timedelta(seconds=n)
        shown = (
            f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M:%S} {'AM' if at.hour < 12 else 'PM'}"
        )
        lines.append(f"7,{marker},k{n},{address},{n},1,{shown},Sent,{n},")
        rows[marker, n, digest(address), at + CENTRAL] += 1
    return csv_of(lines), rows


def _subscribers(marker: int, many: int) -> tuple[bytes, Counter[Row]]:
    lines, rows = [_SUBSCRIBERS], Counter[Row]()
    for n in range(many):
        address = f"Grace{n}@Example.com"
        lines.append(f"{marker},k{n},{address},{n},Active,,1/31/2026 5:03:02 PM,")
        rows[marker, digest(address.lower()), "Active"] += 1
    return csv_of(lines), rows


def digest(address: str) -> str:
    """The match key of an address that is as it should be."""
    return hashlib.sha256(address.encode()).hexdigest()


def csv_of(lines: list[str]) -> bytes:
    """Lines as Salesforce ends them."""
    return "\r\n".join([*lines, ""]).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    """A ZIP archive of members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return packed.getvalue()


def fewer_recipes(folder: Path) -> Path:
    """The built-in recipes without that of Subscribers.csv, whose rows go nowhere."""
    shutil.copytree(BUILT_IN_RECIPES, folder)
    (folder / "subscribers.yaml").unlink()
    return folder


def moving_recipes(folder: Path) -> Path:
    """The built-in recipes, but for that of Sent.csv, whose rows go to another dataset."""
    shutil.copytree(BUILT_IN_RECIPES, folder)
    recipe = folder / "sent.yaml"
    text = recipe.read_text(encoding="utf-8")
    recipe.write_text(text.replace("dataset: sent", f"dataset: {MOVED}"), encoding="utf-8")
    return folder
