"""Whether a run over a file may be at work: it adopts what one before it left, however old that is.

Every replay, every failure and every stage that succeeds leaves a record. A file that has had none for as
long as a leftover must be old has nobody at work on it; one that has is left to a later sweep.
"""

from __future__ import annotations

from landfall.operating.states import FileState, state_of
from landfall.operating.sweeping.findings import Tools


def is_at_rest(tools: Tools, state: FileState | None) -> bool:
    """Whether nothing was recorded of a file for so long; nor is there anything where there is no state."""
    return state is None or state.since < tools.left_before


async def is_still_at_rest(tools: Tools, file_id: str | None) -> bool:
    """The same as it is this moment, to be asked right before anything of the file is deleted."""
    return file_id is None or is_at_rest(tools, await state_of(tools.store, tools.bucket, file_id))
