"""zip archives: stored and deflated members, zip64, data descriptors; every size and CRC-32 is checked."""

from __future__ import annotations

import re
import struct
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from typing import BinaryIO

from services.decryptor.clutter import is_clutter, is_folder, must_be_text
from services.decryptor.errors import (
    DuplicateMember,
    MemberTooLarge,
    UnsafeMemberName,
    ZipChecksumMismatch,
    ZipCorrupt,
    ZipEmpty,
    ZipEncrypted,
    ZipMethodUnsupported,
    ZipSplit,
    ZipTruncated,
)
from services.decryptor.formats.format import Part, Tools
from services.decryptor.formats.inflate import RAW_DEFLATE, InflateError, Inflater, crc32
from services.decryptor.formats.zip_directory import (
    BLANKS,
    FIRST_OF_SEVERAL,
    LOCAL_HEADER,
    LOCAL_SIGNATURE,
    TEMPORARY_MARKER,
    UTF8_FLAG,
    Entry,
    has_end_record,
    read_directory,
    refuse_overlap,
)
from services.decryptor.limits import Limits
from services.decryptor.names import decode_path, is_same_name, member_name, relative_parts, shown_name
from services.decryptor.streams import CHUNK_BYTES, Source

# A first local header; the end record of an archive without members; the marks of split archives.
_MAGICS = (LOCAL_SIGNATURE, b"PK\x05\x06", FIRST_OF_SEVERAL, TEMPORARY_MARKER + LOCAL_SIGNATURE)
_PART_NAME = re.compile(r".\.(z[0-9]{2,}|[0-9]{3})$", re.IGNORECASE)  # as Info-ZIP and 7-Zip name them
_STORED, _DEFLATED, _AES = 0, 8, 99
_ENCRYPTED_FLAGS = 1 << 0 | 1 << 6 | 1 << 13  # encrypted; strongly; with a masked directory
_MOST_32 = 0xFFFFFFFF  # also: the size stands in the zip64 field
_DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_NARROW_DESCRIPTOR, _WIDE_DESCRIPTOR = struct.Struct("<3L"), struct.Struct("<L2Q")
_DESCRIPTOR_FLAG = 1 << 3


class ZipArchive:
    """The zip format. Members come in the order in which they lie in the archive."""

    name = "zip"

    def recognises(self, source: Source) -> bool:
        """Whether the content begins as a zip archive does."""
        head = source.head.lstrip(BLANKS)
        return head.startswith(_MAGICS) or (head != b"" and any(magic.startswith(head) for magic in _MAGICS))

    def open(self, source: Source, tools: Tools) -> Generator[Part, None, None]:
        """Check the whole directory, then give each member.

        An archive that is itself inside another layer is held by the staging, which consumes that layer to
        its verified end before the first byte of the archive is interpreted.

        Raises:
            ZipEmpty, ZipEncrypted, ZipMethodUnsupported, UnsafeMemberName, DuplicateMember, MemberTooLarge:
                found in the directory, before any part is given.
            ZipTruncated, ZipCorrupt, ZipSplit, LeadingBytes, TrailingBytes, TooManyMembers: likewise.
            ZipCorrupt, ZipChecksumMismatch: found in a member, at its end at the latest.
        """
        held = nullcontext(source.file) if source.file else tools.staging.hold(source.chunks())
        with held as file:
            try:
                entries = read_directory(file, tools.limits.max_members)
            except ZipTruncated:
                if _PART_NAME.search(source.name):
                    raise ZipSplit("the archive is one part of several") from None
                raise
            for name, entry in _files(entries, tools.limits):
                if entry is None:
                    yield Part(name, iter(()), clutter=True)
                else:
                    yield Part(name, _member(file, entry), entry.compressed_size)


class ZipEnd(ZipArchive):
    """An archive that does not begin where its file does: the last part of several, or behind other bytes."""

    def recognises(self, source: Source) -> bool:
        """Whether the content ends as a zip archive does, or is named as a part of one."""
        return source.file is not None and (
            _PART_NAME.search(source.name) is not None or has_end_record(source.file)
        )


def _files(entries: list[Entry], limits: Limits) -> list[tuple[str, Entry | None]]:
    """The members under their final names, every rule checked; no entry for clutter, which is not read.

    Two members of one name are refused if both must be extracts. Of others it depends on their content.
    """
    files: list[tuple[str, Entry | None]] = []
    taken: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        parts = relative_parts(decode_path(entry.path, bool(entry.flags & UTF8_FLAG)))
        if is_folder(parts):
            continue
        if is_clutter(parts):
            files.append((shown_name(parts[-1], limits.max_name_bytes), None))
            continue
        if entry.is_link:
            raise UnsafeMemberName(f"member {number} is a symbolic link")
        name = member_name(parts[-1], limits.max_name_bytes)
        if name.casefold() in taken and must_be_text(name):
            raise DuplicateMember(f"two members would be named {name}")
        taken.add(name.casefold())
        _check(name, entry, limits)
        files.append((name, entry))
    if not files:
        raise ZipEmpty("the archive has no file in it")
    return files


def _check(name: str, entry: Entry, limits: Limits) -> None:
    if entry.flags & _ENCRYPTED_FLAGS or entry.method == _AES:
        raise ZipEncrypted(f"member {name} is encrypted by zip itself")
    if entry.method not in (_STORED, _DEFLATED):
        raise ZipMethodUnsupported(f"member {name} is compressed by method {entry.method}")
    if entry.size > limits.max_member_bytes:
        raise MemberTooLarge(f"member {name} is larger than {limits.max_member_bytes} bytes")


def _member(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The content of one member.

    Raises:
        ZipCorrupt: its local header, sizes, deflate stream or data descriptor contradict the directory.
        ZipChecksumMismatch: its CRC-32 is wrong.
    """
    described = _seek_content(file, entry)
    content = _Content(file, entry.compressed_size)
    chunks = content.chunks() if entry.method == _STORED else _inflated(content)
    size = crc = 0
    for chunk in chunks:
        size += len(chunk)
        if size > entry.size:
            break
        crc = crc32(chunk, crc)
        yield chunk
    if size != entry.size or content.left:
        raise ZipCorrupt("a member does not have the size that the directory states")
    if crc != entry.crc:
        raise ZipChecksumMismatch("a member's CRC-32 does not match the directory")
    if described:
        _check_descriptor(file, entry)


class _Content:
    """The compressed bytes of one member."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.left = size

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self.left))
        self.left -= len(data)
        return data

    def chunks(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK_BYTES):
            yield chunk


def _inflated(content: _Content) -> Iterator[bytes]:
    inflater = Inflater(content.read, RAW_DEFLATE)
    try:
        yield from inflater.chunks()
    except InflateError:
        raise ZipCorrupt("a member's deflate stream is damaged") from None
    if not inflater.ended or inflater.unused:
        raise ZipCorrupt("a member's deflate stream does not end where its data does")


def _seek_content(file: BinaryIO, entry: Entry) -> bool:
    """Go to the member's first byte, past a local header that agrees with the directory.

    Returns:
        Whether only a data descriptor repeats the sizes and the CRC-32.
    """
    file.seek(entry.offset)
    fixed = file.read(LOCAL_HEADER.size)
    if len(fixed) < LOCAL_HEADER.size or not fixed.startswith(LOCAL_SIGNATURE):
        raise ZipCorrupt("a member's local header is not where the directory says")
    _, _, flags, method, _, _, crc, compressed, size, path_length, extra_length = LOCAL_HEADER.unpack(fixed)
    repeats = (
        crc == entry.crc
        and compressed in (entry.compressed_size, _MOST_32)
        and size in (entry.size, _MOST_32)
    )
    described = bool(flags & _DESCRIPTOR_FLAG) and not repeats
    agrees = method == entry.method and not (flags ^ entry.flags) & _ENCRYPTED_FLAGS
    if not agrees or not (repeats or described):
        raise ZipCorrupt("a member's local header contradicts the directory")
    path = file.read(path_length)
    if not (is_same_name(path, entry.path) or is_same_name(path, entry.plain_path)):
        raise ZipCorrupt("a member has another name in its local header than in the directory")
    refuse_overlap(entry, file.seek(extra_length, 1))
    return described


def _check_descriptor(file: BinaryIO, entry: Entry) -> None:
    """The record behind a member written as a stream, with or without its signature, in 32 or 64 bits."""
    sizes = (entry.crc, entry.compressed_size, entry.size)
    layouts = [_WIDE_DESCRIPTOR] if max(sizes) > _MOST_32 else [_WIDE_DESCRIPTOR, _NARROW_DESCRIPTOR]
    bare = tuple(layout.pack(*sizes) for layout in layouts)
    signed = tuple(_DESCRIPTOR_SIGNATURE + record for record in bare)
    if not file.read(len(_DESCRIPTOR_SIGNATURE) + _WIDE_DESCRIPTOR.size).startswith(bare + signed):
        raise ZipCorrupt("a member's data descriptor contradicts the directory")
