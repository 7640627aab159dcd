"""``landfall decrypt``: the decryptor's own code on a file of this machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import botocore.session
import typer

from landfall import console
from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys, kms_clients
from services.decryptor.limits import Limits
from services.decryptor.staging import MemoryStaging, TemporaryFileStaging
from services.decryptor.unpack import Member, unpack

_KEY_ARNS_VARIABLE = "LANDFALL_KMS_KEY_ARNS"
_DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine in place of a landed object."""

    path: Path
    metadata: Mapping[str, str]

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
        return sibling.read_bytes() if sibling.is_file() else None


@dataclass(frozen=True, slots=True)
class Written:
    """One member as it lies in the output folder."""

    name: str
    bytes: int
    sha256: str
    path: str


def decrypt(
    src: Annotated[Path, typer.Argument(help="A file as it would land: encrypted, packed or plain.")],
    out: Annotated[Path, typer.Option(help="Folder for the members; made where it is missing.")],
    key_arn: Annotated[
        list[str] | None,
        typer.Option(
            help=f"A KMS key that may be used; repeatable. By default those of {_KEY_ARNS_VARIABLE}, "
            "and where that is not set any key that the credentials may use."
        ),
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE of the object's S3 metadata, where its encryption needs it; repeatable."
        ),
    ] = None,
    max_members: Annotated[int, typer.Option(envvar="LANDFALL_MAX_MEMBERS")] = _DEFAULT.max_members,
    max_member_bytes: Annotated[
        int, typer.Option(envvar="LANDFALL_MAX_MEMBER_BYTES")
    ] = _DEFAULT.max_member_bytes,
    max_total_bytes: Annotated[
        int, typer.Option(envvar="LANDFALL_MAX_TOTAL_BYTES")
    ] = _DEFAULT.max_total_bytes,
    max_ratio: Annotated[int, typer.Option(envvar="LANDFALL_MAX_RATIO")] = _DEFAULT.max_ratio,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Turn SRC into the verified members that the decryptor would write to raw/.

    Nothing is left in the folder unless every member was verified to its end. AWS is reached for KMS only.
    """
    landed = LocalFile(src, dict(_pair(each) for each in metadata or []))
    limits = Limits(
        max_members=max_members,
        max_member_bytes=max_member_bytes,
        max_total_bytes=max_total_bytes,
        max_ratio=max_ratio,
    )
    staging = MemoryStaging(overflow=TemporaryFileStaging())
    with _all_or_nothing(out) as folder:
        layers: tuple[str, ...] = ()
        written = []
        for member in unpack(landed, keyring(key_arn or []), limits, staging):
            layers = max(layers, member.layers, key=len)
            written.append(_write(member, folder, out))
    if as_json:
        console.print_json({"format": layers or ["plain"], "members": [asdict(each) for each in written]})
    else:
        console.print_table(
            ("MEMBER", "BYTES", "SHA-256"), [(each.name, str(each.bytes), each.sha256) for each in written]
        )


def keyring(key_arns: list[str]) -> Keyring:
    """The keys of this machine's environment: its AWS endpoint and credentials, and the keys it allows."""
    listed = os.environ.get(_KEY_ARNS_VARIABLE, "").split(",")
    arns = frozenset(key_arns or (arn.strip() for arn in listed if arn.strip()))
    return Keyring(KmsKeys(kms_clients(kms_session()), arns, any_key=not arns))


def kms_session() -> botocore.session.Session:
    """The session whose KMS is asked: everything from the environment."""
    return botocore.session.get_session()


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter("metadata is given as NAME=VALUE")
    return name, value


@contextmanager
def _all_or_nothing(out: Path) -> Iterator[Path]:
    """A folder inside ``out`` whose files move into ``out`` if nothing fails, and vanish if anything does."""
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".landfall-", dir=out))
    try:
        yield work
        for path in work.iterdir():
            path.replace(out / path.name)
    except BaseException:
        shutil.rmtree(work)
        for folder in made:
            folder.rmdir()
        raise
    work.rmdir()


def _write(member: Member, folder: Path, out: Path) -> Written:
    size, digest = 0, hashlib.sha256()
    with (folder / member.name).open("xb") as file:
        for chunk in member.chunks():
            size += len(chunk)
            digest.update(chunk)
            file.write(chunk)
    return Written(member.name, size, digest.hexdigest(), str(out / member.name))
