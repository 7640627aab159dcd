"""From a landed file to its verified members: take layer after layer off until there is text."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

from services.decryptor.errors import DuplicateMember, EmptyObject, TooManyLayers
from services.decryptor.formats import PLAIN, recognise
from services.decryptor.formats.format import Tools
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


def unpack(
    landed: Landed, keyring: Keyring, limits: Limits, staging: Staging
) -> Generator[Member, None, None]:
    """The members of a landed file, one after another, each to be read before the next is asked for.

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


class _Walk:
    """One walk through the layers of one file."""

    def __init__(self, tools: Tools, allowance: Allowance) -> None:
        self._tools = tools
        self._allowance = allowance
        self._taken: set[str] = set()

    def members(self, source: Source, layers: tuple[str, ...]) -> Generator[Member, None, None]:
        """The members in ``source``, which was found inside ``layers``."""
        if not source.head and "zip" not in layers:  # a zip may hold files without a byte: extracts do
            raise EmptyObject("nothing is in the file but its wrapping")
        found = recognise(source)
        if found is PLAIN:
            member = self._member(source, layers)
            yield member
            _drain(member.content)
            return
        if len(layers) == self._tools.limits.max_layers:
            raise TooManyLayers(f"more than {len(layers)} formats are wrapped in each other")
        with closing(found.open(source, self._tools)) as parts:
            for part in parts:
                inner = Source(part.name, self._allowance.layer(part.chunks, part.packed_bytes))
                yield from self.members(inner, (*layers, found.name))
                _drain(inner.chunks())

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
