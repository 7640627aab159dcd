"""Whether a run over a file may be at work: it adopts what one before it left, however old that is.

Every stage that succeeds or gives up leaves a record, and so does whoever opens a generation, or announces
and asks for what stands still. A file that has had none for as long as a leftover must be old is at rest, and
any other is left to a later sweep. What an operator has sent back unchanged a moment ago does not show.
"""

from __future__ import annotations

from landfall.operating.states import FileState, state_of
from landfall.operating.sweeping.findings import Tools


def is_at_rest(tools: Tools, state: FileState | None) -> bool:
    """Whether nothing was recorded of a file for so long; nor is there anything where there is no state."""
    return state is None or state.since < tools.left_before


async def is_unchanged(tools: Tools, file_id: str | None, seen: FileState | None) -> bool:
    """Whether nothing was recorded since it was looked at, whatever the clocks say.

    To be asked right before anything of the file is deleted.
    """
    return file_id is None or await state_of(tools.store, tools.bucket, file_id) == seen
