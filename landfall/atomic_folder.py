"""Files that appear in a folder together, once all of them are whole, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def all_or_nothing(out: Path) -> Iterator[Path]:
    """A folder to write into, whose files and subfolders' files move into ``out`` if nothing fails.

    If anything does, whatever was written vanishes, and so do the folders that were made for it.

    Raises:
        OSError: ``out`` cannot be made or written.
    """
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".landfall-", dir=out))
    try:
        yield work
        paths = sorted(path for path in work.rglob("*") if path.is_file())
        moves = [(path, out / path.relative_to(work)) for path in paths]
        for _, target in moves:  # all of them before the first move
            if target.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        for path, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    except BaseException:
        shutil.rmtree(work)
        with suppress(OSError):  # somebody else may have put something there
            for folder in made:
                folder.rmdir()
        raise
    shutil.rmtree(work)
