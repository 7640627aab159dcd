"""What lies under a crawler's include path, and which table and partition each object belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.local.glue.definition import S3Target
from landfall.local.glue.globs import compile_glob

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Found:
    """An object as a listing shows it; ``size`` in bytes."""

    bucket: str
    key: str
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder whose objects make up one table; ``path`` is empty or ends in a slash."""

    bucket: str
    path: str

    @property
    def location(self) -> str:
        """Its URL, with a slash at the end as Glue writes it."""
        return f"s3://{self.bucket}/{self.path}"

    @property
    def name(self) -> str:
        """The folder's own name, or the bucket's."""
        return self.path.rstrip("/").rpartition("/")[2] or self.bucket


@dataclass(frozen=True, slots=True)
class Partition:
    """Names and values of the folders between a table's folder and its objects."""

    keys: tuple[str, ...]
    values: tuple[str, ...]
    location: str


Tree = dict[Folder, dict[Partition, list[Found]]]


async def list_objects(s3: S3Client, target: S3Target) -> list[Found]:
    """The objects under the include path that no pattern excludes, without empty ones (folder markers)."""
    excluded = [compile_glob(pattern) for pattern in target.exclusions]
    found = []
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=target.bucket, Prefix=target.prefix)
    async for page in pages:
        for item in page.get("Contents", []):
            below = item["Key"].removeprefix(target.prefix)
            if item["Size"] and not any(pattern.fullmatch(below) for pattern in excluded):
                found.append(Found(target.bucket, item["Key"], item["ETag"], item["Size"]))
    return found


def arrange(target: S3Target, level: int | None, objects: Iterable[Found]) -> Tree:
    """Group objects by table folder and partition.

    Args:
        target: where the objects were found.
        level: how deep table folders lie, the bucket being level 1; by default the include path is the table.
        objects: objects above that level belong to no table.
    """
    depth = level - 1 if level is not None else target.prefix.count("/")
    tree: Tree = defaultdict(lambda: defaultdict(list))
    for item in objects:
        folders = item.key.split("/")[:-1]
        if len(folders) >= depth:
            folder = Folder(item.bucket, "".join(f"{name}/" for name in folders[:depth]))
            tree[folder][_partition(folder, folders[depth:])].append(item)
    return tree


def _partition(folder: Folder, names: Sequence[str]) -> Partition:
    keys, values = [], []
    for position, name in enumerate(names):
        key, equals, value = name.partition("=")
        keys.append(key.lower() if equals else f"partition_{position}")
        values.append(value if equals else name)
    return Partition(tuple(keys), tuple(values), folder.location + "".join(f"{name}/" for name in names))
