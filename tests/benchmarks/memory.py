"""The memory of a process and its children, sampled from outside."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY_SECONDS = 0.02


class PeakMemory:
    """Samples resident memory of ``pid`` and everything below it for as long as the context lasts.

    If asked, also the proportional one, in which a page that several processes share counts once. That takes
    the kernel some milliseconds a sample.
    """

    def __init__(self, pid: int, *, proportional: bool = False) -> None:
        self._pid = pid
        self._proportional = proportional
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self.mib = 0.0
        self.proportional_mib = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            processes = _tree(self._pid)
            self.mib = max(self.mib, sum(_mib(f"/proc/{pid}/status", "VmRSS:") for pid in processes))
            if self._proportional:
                proportional = sum(_mib(f"/proc/{pid}/smaps_rollup", "Pss:") for pid in processes)
                self.proportional_mib = max(self.proportional_mib, proportional)


def _tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found, children = [pid], Path(f"/proc/{pid}/task")
    try:
        for task in children.iterdir():
            for child in (task / "children").read_text().split():
                found += _tree(int(child))
    except OSError:  # it ended meanwhile
        pass
    return found


def _mib(path: str, label: str) -> float:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:  # it ended meanwhile
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith(label))
