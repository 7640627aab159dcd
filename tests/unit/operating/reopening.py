"""A generation opened as an operator opens it, with all that is put for it."""

from __future__ import annotations

from shared.lineage import open_generation
from shared.manifests import GenerationOpened
from shared.stages import Stage
from tests.histories import REPLAY, History


async def open_again(file: History, generation: int, stage: Stage = Stage.NORMALIZE) -> None:
    """Begin a generation of the file at a stage."""
    opened = GenerationOpened(file=file.file, generation=generation, from_stage=stage, replay=REPLAY)
    await open_generation(file.s3.store(), opened)
