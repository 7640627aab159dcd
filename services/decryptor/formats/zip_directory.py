"""A zip archive's central directory, read strictly (APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3).

Python's own ``zipfile`` is lenient where this must not be: it tolerates any bytes around the directory and
behind the end, which may be another archive, ignores the stated number of entries, and reads a directory of
any size into memory. Zeros behind the end, and blanks or a spanning marker before the beginning, are no data
and are passed over. So are bytes between members that no entry names, as by every reader that goes by the
directory.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from typing import BinaryIO

from services.decryptor.errors import (
    LeadingBytes,
    TooManyMembers,
    TrailingBytes,
    ZipCorrupt,
    ZipSplit,
    ZipTruncated,
)

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_END_64_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL_SIGNATURE = b"PK\x03\x04"
FIRST_OF_SEVERAL = b"PK\x07\x08"
TEMPORARY_MARKER = b"PK00"  # a split archive that turned out to need one part only (APPNOTE, 8.5.4)
BLANKS = b"\0\t\n\r \xef\xbb\xbf"  # also a byte order mark
UTF8_FLAG = 1 << 11
_SCAN_BYTES = 64 * 1024
_MOST_COMMENT_BYTES = 0xFFFF
_ZIP64_EXTRA, _UNICODE_PATH_EXTRA = 0x0001, 0x7075
_UNSET_16, _UNSET_32 = 0xFFFF, 0xFFFFFFFF
_UNIX, _FILE_TYPE, _SYMBOLIC_LINK = 3, 0o170000, 0o120000


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as the central directory describes it.

    ``offset`` is that of its local header in the file, ``until`` where what follows the member begins.
    ``plain_path`` is the path as programs have it that do not know the one in UTF-8 beside it.
    """

    path: bytes
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    offset: int
    is_link: bool
    plain_path: bytes
    until: int = 0


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
        LeadingBytes, TrailingBytes: bytes precede the archive or follow its end record.
        ZipSplit: the archive has several parts.
        TooManyMembers: it states more entries than ``most_entries``; none of them was read.
        ZipCorrupt: records contradict each other, or entries overlap.
    """
    bounds = _find_directory(file)
    start = bounds.end - bounds.size - bounds.offset
    _check_start(file, start)
    if bounds.entries > most_entries:
        raise TooManyMembers(f"the archive states {bounds.entries} members, the limit is {most_entries}")
    file.seek(start + bounds.offset)
    entries = [_read_entry(file) for _ in range(bounds.entries)]
    if file.tell() != bounds.end:
        raise ZipCorrupt("the zip directory does not have the stated length")
    entries.sort(key=lambda entry: entry.offset)
    starts = [start + entry.offset for entry in entries] + [start + bounds.offset]
    placed = [
        replace(entry, offset=offset, until=until)
        for entry, offset, until in zip(entries, starts, starts[1:], strict=False)
    ]
    for entry in placed:
        refuse_overlap(entry, entry.offset + LOCAL_HEADER.size)
    return placed


def refuse_overlap(entry: Entry, content: int) -> None:
    """No two entries may share bytes: bombs get their size from members that do.

    Args:
        entry: The member.
        content: Where its content begins, at least.
    """
    if content + entry.compressed_size > entry.until:
        raise ZipCorrupt("members of the archive overlap")


def has_end_record(file: BinaryIO) -> bool:
    """Whether an archive ends where the file does, whatever is before it."""
    try:
        _find_directory(file)
    except (ZipTruncated, TrailingBytes):
        return False
    except (ZipSplit, ZipCorrupt):
        return True
    return True


def _check_start(file: BinaryIO, start: int) -> None:
    """Check what is before the byte that the archive's offsets count from.

    Raises:
        ZipSplit: the archive begins before the file.
        LeadingBytes: something is there, perhaps another archive.
        ZipCorrupt: the archive does not begin there.
    """
    file.seek(0)
    if start < 0:
        if file.read(len(LOCAL_SIGNATURE)) == LOCAL_SIGNATURE:
            raise ZipCorrupt("the zip directory is not where the end record says")
        raise ZipSplit("the archive is the last part of several")
    before = file.read(min(start, _SCAN_BYTES))
    if start == len(before) and not before.replace(TEMPORARY_MARKER, b"").strip(BLANKS):
        return
    file.seek(start)
    if file.read(len(LOCAL_SIGNATURE)) == LOCAL_SIGNATURE:
        raise LeadingBytes(f"{start} bytes precede the archive")
    raise ZipCorrupt("the zip directory is not where the end record says")


def _find_directory(file: BinaryIO) -> _Bounds:
    size = file.seek(0, 2)
    padding = _find_padding(file, size)
    tail_start = max(0, padding - _END.size - _MOST_COMMENT_BYTES)
    file.seek(tail_start)
    tail = file.read(min(size, padding + _END.size) - tail_start)
    try:
        at = _find_end_record(tail, range(padding - tail_start, size - tail_start + 1))
    except ZipTruncated:
        file.seek(0)
        if file.read(len(FIRST_OF_SEVERAL)) == FIRST_OF_SEVERAL:
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


def _find_padding(file: BinaryIO, size: int) -> int:
    """Where the zeros begin with which the file ends."""
    end = size
    while end:
        start = max(0, end - _SCAN_BYTES)
        file.seek(start)
        content = file.read(end - start).rstrip(b"\0")
        if content:
            return start + len(content)
        end = start
    return 0


def _find_end_record(tail: bytes, ends: range) -> int:
    """The position of the end record whose comment reaches to the end of the file but for zeros.

    Args:
        tail: The last bytes of the file, perhaps without zeros behind them.
        ends: Where in them, or in the zeros behind, the record may end.
    """
    at = len(tail)
    seen = False
    while (at := tail.rfind(b"PK\x05\x06", 0, at)) >= 0:
        if at + _END.size > len(tail):
            continue
        seen = True
        if at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little") in ends:
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
    for position in (at, locator_at - _END_64.size):  # the latter where bytes precede the archive
        file.seek(position)
        fixed = file.read(_END_64.size)
        if fixed.startswith(b"PK\x06\x06"):
            break
    signature, length, _, _, disk, first_disk, here, entries, size, offset = _END_64.unpack(fixed)
    if signature != b"PK\x06\x06" or position + 12 + length != locator_at or at != offset + size:
        raise ZipCorrupt("the zip64 end record is damaged")
    if disk or first_disk or here != entries:
        raise ZipSplit("the archive is one part of several")
    if (
        small.entries not in (entries, _UNSET_16)
        or small.size not in (size, _UNSET_32)
        or small.offset not in (offset, _UNSET_32)
    ):
        raise ZipCorrupt("the two end records contradict each other")
    return _Bounds(entries, size, offset, position)


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
    path, extra = variable[:path_length], variable[path_length : path_length + extra_length]
    wide = iter(_zip64_values(extra))
    try:
        size = next(wide) if size == _UNSET_32 else size
        compressed = next(wide) if compressed == _UNSET_32 else compressed
        offset = next(wide) if offset == _UNSET_32 else offset
    except StopIteration:
        raise ZipCorrupt("a zip64 field is missing from the directory") from None
    if disk not in (0, _UNSET_16):
        raise ZipSplit("the archive is one part of several")
    is_link = made_by >> 8 == _UNIX and attributes >> 16 & _FILE_TYPE == _SYMBOLIC_LINK
    unicode_path = _unicode_path(extra, path)
    if unicode_path is not None:
        path, flags = unicode_path, flags | UTF8_FLAG
    plain_path = variable[:path_length]
    return Entry(path, flags, method, crc, compressed, size, offset, is_link, plain_path)


def _zip64_values(extra: bytes) -> list[int]:
    """The 64-bit values of the zip64 field, in the order in which the 32-bit ones are unset."""
    values = _extra_field(extra, _ZIP64_EXTRA)
    return [value for (value,) in struct.iter_unpack("<Q", values[: len(values) // 8 * 8])]


def _unicode_path(extra: bytes, path: bytes) -> bytes | None:
    """The path in UTF-8 where the entry has it besides, of the very path that it goes with (4.6.9)."""
    field = _extra_field(extra, _UNICODE_PATH_EXTRA)
    if len(field) <= 5 or int.from_bytes(field[1:5], "little") != zlib.crc32(path):
        return None
    return field[5:]


def _extra_field(extra: bytes, wanted: int) -> bytes:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return b""
