"""What a process uses together with everything that it started: the kernel's own account, from /proc.

The normalizer has further processes that live as long as it does, and the kernel adds what a child has used
to its parent only when the child has ended. So both are counted: the living, and those that they saw end.
"""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class _Stat:
    """What proc(5) tells of one process in ``stat``."""

    parent: int
    ticks: int  # of its own threads, and of its children that have ended
    pages: int


def tree(pid: int) -> list[int]:
    """The process and all its living descendants, the process first.

    Raises:
        ProcessLookupError: the process has ended.
    """
    return list(_tree(pid))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its descendants, living and ended.

    Raises:
        ProcessLookupError: the process has ended.
    """
    return sum(stat.ticks for stat in _tree(pid).values()) / _TICKS


def resident_bytes(pid: int) -> int:
    """What a process and its living descendants hold in memory now, added up.

    Pages that several of them share, mostly those of libraries, count for each: this is an upper bound.

    Raises:
        ProcessLookupError: the process has ended.
    """
    return sum(stat.pages for stat in _tree(pid).values()) * _PAGE


def peak_bytes(pid: int) -> int:
    """The largest resident size that each of a process and its living descendants has reached, added up.

    An upper bound: pages that they share count for each, and they need not have peaked together.

    Raises:
        ProcessLookupError: the process has ended.
    """
    return sum(map(_peak_bytes, _tree(pid)))


def _tree(pid: int) -> dict[int, _Stat]:
    living = dict(_living())
    if pid not in living:
        raise ProcessLookupError(pid)
    children = defaultdict[int, list[int]](list)
    for each, stat in living.items():
        children[stat.parent].append(each)
    found, rest = {}, [pid]
    while rest:
        each = rest.pop()
        found[each] = living[each]
        rest += children[each]
    return found


def _living() -> list[tuple[int, _Stat]]:
    found = []
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            with suppress(FileNotFoundError, ProcessLookupError):  # it ended while this looked
                found.append((int(folder.name), _stat((folder / "stat").read_bytes())))
    return found


def _stat(line: bytes) -> _Stat:
    fields = line.rpartition(b")")[2].split()  # a program's name may hold blanks and brackets
    return _Stat(parent=int(fields[1]), ticks=sum(map(int, fields[11:15])), pages=int(fields[21]))


def _peak_bytes(pid: int) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in (_PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0  # it has ended, or is about to
