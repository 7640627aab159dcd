"""A second, slow and plain reading of CSV, byte by byte, to hold the fast one against."""

from __future__ import annotations

from dataclasses import dataclass

LINE_ENDS = (b"\r\n", b"\n", b"\r")


@dataclass(frozen=True)
class Read:
    """One record: its number, its bytes, and its fields or what is wrong with it."""

    number: int
    raw: bytes
    fields: tuple[str, ...] = ()
    damage: str | None = None


def read_records(data: bytes, columns: int, header: bytes, first: int) -> list[Read]:
    """All records of the data, blank lines as records without bytes."""
    records: list[Read] = []
    at = 0
    while at < len(data):
        number = first + len(records)
        fields, stop, problem = _fields(data, at)
        if problem is not None:
            line_stop = _line_stop(data, at)
            if problem == "unterminated_quote" or line_stop < stop:
                problem = "unterminated_quote"
            records.append(Read(number, data[at:line_stop], damage=problem))
            stop = line_stop
        else:
            records.append(_judged(number, data[at:stop], fields, columns, header))
        at = stop + len(next((end for end in LINE_ENDS if data.startswith(end, stop)), b""))
    return records


def _judged(number: int, raw: bytes, fields: list[bytes], columns: int, header: bytes) -> Read:
    damage = None
    if b"\0" in raw:
        damage = "nul_byte"
    elif not _is_utf8(raw):
        damage = "bad_encoding"
    elif _is_header(raw, header):
        damage = "header_repeated"
    elif raw and len(fields) != columns:
        damage = "ragged"
    if damage is not None or not raw:
        return Read(number, raw, damage=damage)
    return Read(number, raw, tuple(field.decode() for field in fields))


def _is_header(raw: bytes, header: bytes) -> bool:
    """Whether a record has the header's names and none of its fields much more than its name."""
    given = _fields(raw.removeprefix(b"\xef\xbb\xbf"), 0)[0]
    names = header.split(b",")
    return [_letters(field) for field in given] == names and all(
        len(field) <= 2 * len(name) + 8 for field, name in zip(given, names, strict=True)
    )


def _letters(field: bytes) -> bytes:
    return bytes(octet for octet in field.lower() if octet >= 0x80 or chr(octet).isalnum())


def _fields(data: bytes, at: int) -> tuple[list[bytes], int, str | None]:
    """The fields from ``at``, where they end, and what is wrong there."""
    fields: list[bytes] = []
    while True:
        if data[at : at + 1] == b'"':
            start, value = at, bytearray()
            at += 1
            while True:
                if at >= len(data):
                    return fields, start, "unterminated_quote"
                if data[at : at + 2] == b'""':
                    value += b'"'
                    at += 2
                elif data[at : at + 1] == b'"':
                    at += 1
                    break
                else:
                    value += data[at : at + 1]
                    at += 1
            if at < len(data) and data[at : at + 1] not in (b",", b"\r", b"\n"):
                return fields, at, "stray_quote"
        else:
            start = at
            while at < len(data) and data[at : at + 1] not in (b",", b"\r", b"\n"):
                at += 1
            value = bytearray(data[start:at])
        fields.append(bytes(value))
        if data[at : at + 1] != b",":
            return fields, at, None
        at += 1


def _line_stop(data: bytes, at: int) -> int:
    while at < len(data) and data[at : at + 1] not in (b"\r", b"\n"):
        at += 1
    return at


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
