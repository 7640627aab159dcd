"""What the system knows of a process id."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sighting:
    """When the kernel started a process, in whatever form this system has, and whether it has ended.

    A process that has ended is still seen while its parent has not asked how it ended.
    """

    started: str
    ended: bool


def look_at(pid: int) -> Sighting | None:
    """The process of this id; ``None`` when there is none."""
    return from_proc(pid) if sys.platform == "linux" else from_ps(pid)


def from_proc(pid: int) -> Sighting | None:
    """What the proc file system of Linux says."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # proc(5): the name in parentheses may hold anything; field 3 is the state, field 22 the start time.
    fields = stat[stat.rindex(b")") + 2 :].split()
    return Sighting(f"{boot}:{int(fields[19])}", ended=fields[0] in (b"Z", b"X"))


def from_ps(pid: int) -> Sighting | None:
    """What ps says, to the second."""
    shown = subprocess.run(
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],  # noqa: S607 - its place differs between systems
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, started = shown.stdout.strip().partition(" ")
    return Sighting(started.strip(), ended=state.startswith("Z")) if started else None
