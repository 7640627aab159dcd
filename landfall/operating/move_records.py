"""Who had whole dead-letter queues moved back: SQS moves messages as they are, so that they cannot say it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.events import Replay
from shared.layout import move_key
from shared.objects.store import ObjectStore
from shared.stages import Stage


class QueueMove(BaseModel):
    """Put before SQS is asked, since nobody may live to tell afterwards; what SQS told is added then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    replay: Replay
    stages: tuple[Stage, ...]
    moved: dict[Stage, int] | None = None
    """Letters by stage, as SQS counts them; None where that was never heard."""
    ended_at: datetime | None = None


async def record_move(store: ObjectStore, bucket: str, move: QueueMove) -> str:
    """Put the record, over that of its beginning; its key."""
    key = move_key(move.replay.replay_id)
    await store.client.put_object(
        Bucket=bucket,
        Key=key,
        Body=move.model_dump_json(indent=1).encode(),
        ContentType="application/json",
    )
    return key
