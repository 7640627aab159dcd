"""Files that a service must refuse, each for good and in another stage, with what must be left of them."""

from __future__ import annotations

import gzip
from collections import Counter

from tests.faults.samples import (
    BEGIN,
    CENTRAL,
    MISPLACED,
    Row,
    Sample,
    Seal,
    csv_of,
    digest,
    folder_of,
    sent_of,
    zipped,
)

_BOUNCES = (
    "ClientID,SendID,SubscriberKey,EmailAddress,SubscriberID,ListID,EventDate,EventType,BounceCategory,"
    "SMTPCode,BounceReason,BatchID,TriggeredSendExternalKey"
)


def cut(marker: int, _seal: Seal) -> Sample:
    """The decryptor: it lacks its last bytes, which shows when all others have gone up in parts."""
    sent, _ = sent_of(marker, 170_000)
    key = f"{folder_of(marker)}Sent.csv.gz"
    return Sample(marker, key, gzip.compress(sent)[:-9], {}, fails="GZIP_TRUNCATED", decrypted=False)


def ragged(marker: int, _seal: Seal) -> Sample:
    """The normalizer: too many rows are damaged, and then none of them may be seen."""
    sent, _ = sent_of(marker, 30)
    body = sent + b"1,too,few\r\n" * 9
    return Sample(marker, f"{folder_of(marker)}Sent.csv", body, {"Sent.csv": body}, fails="TOO_MANY_BAD_ROWS")


def homeless(marker: int, _seal: Seal) -> Sample:
    """The cataloger: somebody else's table has the name of one dataset; the rows of the other are shown."""
    sent, sent_rows = sent_of(marker, 30)
    bounces, bounced = _bounces(marker, 6)
    members = {"Sent.csv": sent, "Bounces.csv": bounces}
    return Sample(
        marker,
        f"{folder_of(marker)}20260131_Extract.zip",
        zipped(members),
        members,
        {"sent": sent_rows},
        fails="TABLE_ELSEWHERE",
        unshown={MISPLACED: bounced},
    )


def bereft(marker: int, _seal: Seal) -> Sample:
    """The archiver: somebody deletes the original before it comes to it; the rows are complete."""
    sent, rows = sent_of(marker, 30)
    body = zipped({"Sent.csv": sent})
    key = f"{folder_of(marker)}20260131_Extract.zip"
    return Sample(
        marker, key, body, {"Sent.csv": sent}, {"sent": rows}, fails="ORIGINAL_GONE", is_deleted=True
    )


def _bounces(marker: int, many: int) -> tuple[bytes, Counter[Row]]:
    lines, rows = [_BOUNCES], Counter[Row]()
    for n in range(many):
        address = f"alan{n}@example.com"
        lines.append(f"{marker},7,k{n},{address},{n},1,1/31/2026 5:03:02 PM,Bounce,Hard,550,unknown,{n},")
        rows[marker, n, digest(address), BEGIN + CENTRAL] += 1
    return csv_of(lines), rows
