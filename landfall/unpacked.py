"""Files of this machine in place of landed objects, and their members in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from services.decryptor.landed import MOST_SIBLING_BYTES
from services.decryptor.unpack import Member


@dataclass(frozen=True, slots=True)
class LocalFile:
    """What the decryptor takes for a landed object; ``metadata`` stands for that of S3."""

    path: Path
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        """The file."""
        return self.path.open("rb")

    def read_sibling(self, suffix: str) -> bytes | None:
        """The file beside it whose name has ``suffix`` appended."""
        sibling = self.path.with_name(self.path.name + suffix)
        if not sibling.is_file():
            return None
        with sibling.open("rb") as file:
            return file.read(MOST_SIBLING_BYTES + 1)


@dataclass(frozen=True, slots=True)
class Written:
    """One member as it lies in the output folder."""

    name: str
    bytes: int
    sha256: str
    path: str


def write(member: Member, folder: Path, out: Path) -> Written:
    """Write a member to ``folder``, from where it will move to ``out``."""
    size, digest = 0, hashlib.sha256()
    with (folder / member.name).open("xb") as file:
        for chunk in member.chunks():
            size += len(chunk)
            digest.update(chunk)
            file.write(chunk)
    return Written(member.name, size, digest.hexdigest(), str(out / member.name))
