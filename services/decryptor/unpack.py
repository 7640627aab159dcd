"""From a landed file to its verified members: take layer after layer off until there is text."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

from services.decryptor.clutter import is_document, must_be_text
from services.decryptor.errors import (
    DuplicateMember,
    EmptyObject,
    MemberNotText,
    NoTextMember,
    TooManyLayers,
    UnrecognisedFormat,
)
from services.decryptor.formats import PLAIN, recognise
from services.decryptor.formats.format import Format, Tools
from services.decryptor.keyring import Keyring
from services.decryptor.landed import Landed
from services.decryptor.limits import Allowance, Limits
from services.decryptor.names import member_name
from services.decryptor.staging import Staging
from services.decryptor.streams import Chunks, Firm, Source, file_chunks


@dataclass(frozen=True, slots=True)
class Member:
    """One plaintext file. ``layers`` names the formats that were taken off, outermost first."""

    name: str
    layers: tuple[str, ...]
    content: Chunks

    def chunks(self) -> Chunks:
        """The plaintext, once."""
        return self.content


@dataclass(frozen=True, slots=True)
class SkippedMember:
    """A member of an archive that is no extract. ``reason`` is a clause about it."""

    name: str
    reason: str


def unpack(
    landed: Landed, keyring: Keyring, limits: Limits, staging: Staging
) -> Generator[Member | SkippedMember, None, None]:
    """The members of a landed file, one after another, each to be read before the next is asked for.

    An archive's members that are no extracts come among them as skipped, so that all are accounted for.

    Nothing may be published before this iterator has ended: only then has every layer been verified to its
    last tag, signature, checksum and length, and nothing found behind its end.

    Closing it early lets go of the file, of what is held in the staging, and of every process behind it.

    Raises:
        LandfallError: one class a cause, see :mod:`services.decryptor.errors` and its module of encryption.
    """
    if landed.size == 0:
        raise EmptyObject("the object has no bytes")
    with landed.open() as file:
        walk = _Walk(Tools(keyring, limits, staging), Allowance(limits, landed.size))
        source = Source(
            member_name(landed.name, limits.max_name_bytes),
            file_chunks(file),
            file=file,
            size=landed.size,
            metadata=landed.metadata,
            read_sibling=landed.read_sibling,
        )
        yield from walk.members(source, ())
        walk.require_member()


class _Walk:
    """One walk through the layers of one file."""

    def __init__(self, tools: Tools, allowance: Allowance) -> None:
        self._tools = tools
        self._allowance = allowance
        self._taken: set[str] = set()
        self._skipped = 0

    def require_member(self) -> None:
        """Check that not everything was skipped.

        Raises:
            NoTextMember: it was.
        """
        if not self._taken:
            raise NoTextMember(f"the archive holds no text; files skipped: {self._skipped}")

    def members(
        self, source: Source, layers: tuple[str, ...]
    ) -> Generator[Member | SkippedMember, None, None]:
        """The members in ``source``, which was found inside ``layers``."""
        if not source.head and "zip" not in layers:  # a zip may hold files without a byte: extracts do
            raise EmptyObject("nothing is in the file but its wrapping")
        found = self._recognise(source, layers)
        if found is None:
            yield self._skip(source.name, "it is not text")
            _drain(self._allowance.member(source.chunks()))
            return
        if found is PLAIN:
            member = self._member(source, layers)
            yield member
            _drain(member.content)
            return
        if len(layers) == self._tools.limits.max_layers:
            raise TooManyLayers(f"more than {len(layers)} formats are wrapped in each other")
        with closing(found.open(source, self._tools)) as parts:
            for part in parts:
                if part.clutter:
                    yield self._skip(part.name, "a system or a program left it there")
                    continue
                inner = Source(part.name, self._allowance.layer(part.chunks, part.packed_bytes))
                yield from self.members(inner, (*layers, found.name))
                _drain(inner.chunks())

    def _recognise(self, source: Source, layers: tuple[str, ...]) -> Format | None:
        """The format of the content; None for a member of an archive that is to be skipped."""
        if "zip" not in layers:
            return recognise(source)
        if is_document(source.name):
            return None
        try:
            return recognise(source)
        except UnrecognisedFormat:
            if must_be_text(source.name):
                raise MemberNotText(
                    f"member {source.name} is neither text nor a format that is accepted"
                ) from None
            return None

    def _skip(self, name: str, reason: str) -> SkippedMember:
        self._allowance.count_member()
        self._skipped += 1
        return SkippedMember(name, reason)

    def _member(self, source: Source, layers: tuple[str, ...]) -> Member:
        self._allowance.count_member()
        if source.name.casefold() in self._taken:
            raise DuplicateMember(f"two members would be named {source.name}")
        self._taken.add(source.name.casefold())
        return Member(source.name, layers, Firm(self._allowance.member(source.chunks())))


def _drain(chunks: Chunks) -> None:
    """See a stream to its end, for what is checked there, whatever its reader left of it."""
    for _ in chunks:
        pass
