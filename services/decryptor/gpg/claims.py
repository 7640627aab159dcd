"""Which GnuPG homes are some living process's, told by a lock that the kernel drops when the process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CLAIM = "landfall-claim"


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """A home is this process's until the context ends or the process does, however it does."""
    made = folder / f"{_CLAIM}.new"
    with made.open("xb") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        made.rename(folder / _CLAIM)  # whoever finds it finds it locked
        yield


def abandoned(parent: Path) -> Iterator[Path]:
    """Homes under a folder whose process has died. Nobody else is given one before the next is asked for."""
    for claim in parent.glob(f"*/{_CLAIM}"):
        home = claim.parent
        try:
            if home.is_symlink() or home.stat().st_uid != os.geteuid():
                continue
            held = os.open(claim, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:  # another process was quicker
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield home
        except BlockingIOError:  # its process lives
            continue
        finally:
            os.close(held)
