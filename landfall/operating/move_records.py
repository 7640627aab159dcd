"""Who had whole dead-letter queues moved back: SQS moves messages as they are, so that they cannot say it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.events import Replay
from shared.layout import move_key, move_result_key
from shared.objects.store import ObjectStore
from shared.stages import Stage


class QueueMove(BaseModel):
    """Who asked SQS to move which queues. Written before SQS is asked: the command may die afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    replay: Replay
    stages: tuple[Stage, ...]


class QueueMoveResult(BaseModel):
    """What SQS answered; missing where the command died first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    replay_id: str
    moved: dict[Stage, int]
    """Messages by stage, as SQS counts them."""
    ended_at: datetime


async def record_move(store: ObjectStore, bucket: str, move: QueueMove) -> str:
    """Write the record and return its key."""
    key = move_key(move.replay.replay_id)
    await store.put_if_absent(bucket, key, move.model_dump_json(indent=1).encode())
    return key


async def record_move_result(store: ObjectStore, bucket: str, result: QueueMoveResult) -> None:
    """Write what became of a move beside its record: records are never overwritten."""
    body = result.model_dump_json(indent=1).encode()
    await store.put_if_absent(bucket, move_result_key(result.replay_id), body)
