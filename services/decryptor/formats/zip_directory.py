"""A zip archive's central directory, read strictly (APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3).

Python's own ``zipfile`` is lenient where this must not be: it tolerates bytes around the directory and behind
the end, ignores the stated number of entries, and reads a directory of any size into memory. Bytes between
members that no entry names are passed over, as by every reader that goes by the directory.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from services.decryptor.errors import TooManyMembers, TrailingBytes, ZipCorrupt, ZipSplit, ZipTruncated

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_FIRST_OF_SEVERAL = b"PK\x07\x08"
_MOST_COMMENT_BYTES = 0xFFFF
_ZIP64_EXTRA = 0x0001
_UNSET_16, _UNSET_32 = 0xFFFF, 0xFFFFFFFF
_UNIX, _FILE_TYPE, _SYMBOLIC_LINK = 3, 0o170000, 0o120000


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as the central directory describes it; ``offset`` is that of its local header."""

    path: bytes
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    offset: int
    is_link: bool


@dataclass(frozen=True, slots=True)
class _Bounds:
    entries: int
    size: int
    offset: int
    end: int


def read_directory(file: BinaryIO, most_entries: int) -> list[Entry]:
    """Every entry of the archive, ordered by position.

    Raises:
        ZipTruncated: there is no end record.
        TrailingBytes: bytes follow the end record.
        ZipSplit: the archive has several parts.
        TooManyMembers: it states more entries than ``most_entries``; none of them was read.
        ZipCorrupt: records contradict each other, or entries overlap.
    """
    bounds = _find_directory(file)
    if bounds.offset + bounds.size != bounds.end:
        raise ZipCorrupt("the zip directory is not where the end record says")
    if bounds.entries > most_entries:
        raise TooManyMembers(f"the archive states {bounds.entries} members, the limit is {most_entries}")
    file.seek(bounds.offset)
    entries = [_read_entry(file) for _ in range(bounds.entries)]
    if file.tell() != bounds.end:
        raise ZipCorrupt("the zip directory does not have the stated length")
    entries.sort(key=lambda entry: entry.offset)
    _refuse_overlaps(entries, bounds.offset)
    return entries


def _refuse_overlaps(entries: list[Entry], directory: int) -> None:
    """No two entries may share bytes: bombs get their size from members that do."""
    ends = [entry.offset for entry in entries[1:]] + [directory]
    for entry, next_start in zip(entries, ends, strict=False):
        if entry.offset + LOCAL_HEADER.size + len(entry.path) + entry.compressed_size > next_start:
            raise ZipCorrupt("members of the archive overlap")


def _find_directory(file: BinaryIO) -> _Bounds:
    size = file.seek(0, 2)
    tail_start = max(0, size - _END.size - _MOST_COMMENT_BYTES)
    file.seek(tail_start)
    tail = file.read(size - tail_start)
    try:
        at = _find_end_record(tail)
    except ZipTruncated:
        file.seek(0)
        if file.read(len(_FIRST_OF_SEVERAL)) == _FIRST_OF_SEVERAL:
            raise ZipSplit("the archive is the first part of several") from None
        raise
    _, disk, first_disk, here, entries, length, offset, _ = _END.unpack_from(tail, at)
    end = tail_start + at
    bounds = _Bounds(entries, length, offset, end)
    locator_at = end - _END_64_LOCATOR.size
    if locator_at >= 0:
        file.seek(locator_at)
        locator = file.read(_END_64_LOCATOR.size)
        if locator.startswith(b"PK\x06\x07"):
            return _read_end_64(file, locator, locator_at, bounds)
    if disk or first_disk or here != entries:
        raise ZipSplit("the archive is one part of several")
    return bounds


def _find_end_record(tail: bytes) -> int:
    """The position of the end record whose comment reaches exactly to the end of the file."""
    at = end = len(tail)
    seen = False
    while (at := tail.rfind(b"PK\x05\x06", 0, at)) >= 0:
        if at + _END.size > end:
            continue
        seen = True
        if at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little") == end:
            return at
    if seen:
        raise TrailingBytes("bytes are missing or added behind the end of the archive")
    raise ZipTruncated("the archive has no end record")


def _read_end_64(file: BinaryIO, locator: bytes, locator_at: int, small: _Bounds) -> _Bounds:
    _, disk, at, disks = _END_64_LOCATOR.unpack(locator)
    if disk or disks > 1:
        raise ZipSplit("the archive is one part of several")
    if at + _END_64.size > locator_at:
        raise ZipCorrupt("the zip64 end record is not where its locator says")
    file.seek(at)
    signature, length, _, _, disk, first_disk, here, entries, size, offset = _END_64.unpack(
        file.read(_END_64.size)
    )
    if signature != b"PK\x06\x06" or at + 12 + length != locator_at:
        raise ZipCorrupt("the zip64 end record is damaged")
    if disk or first_disk or here != entries:
        raise ZipSplit("the archive is one part of several")
    if (
        small.entries not in (entries, _UNSET_16)
        or small.size not in (size, _UNSET_32)
        or small.offset not in (offset, _UNSET_32)
    ):
        raise ZipCorrupt("the two end records contradict each other")
    return _Bounds(entries, size, offset, at)


def _read_entry(file: BinaryIO) -> Entry:
    fixed = file.read(_ENTRY.size)
    if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\x01\x02"):
        raise ZipCorrupt("the zip directory is damaged")
    _, made_by, _, flags, method, _, _, crc, compressed, size, *lengths, disk, _, attributes, offset = (
        _ENTRY.unpack(fixed)
    )
    variable = file.read(sum(lengths))
    if len(variable) < sum(lengths):
        raise ZipCorrupt("the zip directory is damaged")
    path_length, extra_length, _ = lengths
    wide = iter(_zip64_values(variable[path_length : path_length + extra_length]))
    try:
        size = next(wide) if size == _UNSET_32 else size
        compressed = next(wide) if compressed == _UNSET_32 else compressed
        offset = next(wide) if offset == _UNSET_32 else offset
    except StopIteration:
        raise ZipCorrupt("a zip64 field is missing from the directory") from None
    if disk not in (0, _UNSET_16):
        raise ZipSplit("the archive is one part of several")
    is_link = made_by >> 8 == _UNIX and attributes >> 16 & _FILE_TYPE == _SYMBOLIC_LINK
    return Entry(variable[:path_length], flags, method, crc, compressed, size, offset, is_link)


def _zip64_values(extra: bytes) -> list[int]:
    """The 64-bit values of the zip64 field, in the order in which the 32-bit ones are unset."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == _ZIP64_EXTRA:
            values = extra[at + 4 : at + 4 + length]
            return [value for (value,) in struct.iter_unpack("<Q", values[: len(values) // 8 * 8])]
        at += 4 + length
    return []
