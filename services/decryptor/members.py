"""Writing the members of one landed file to raw/, from the worker thread that unpacks them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from services.decryptor.unpack import Member, SkippedMember
from shared.layout import raw_key
from shared.manifests import Notice, RawMember
from shared.objects.outputs import OutputSet
from shared.objects.streams import UploadWriter, run_on_loop


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an unpacking run left in its open uploads, in order."""

    names: tuple[str, ...]
    layers: tuple[str, ...]
    skipped: tuple[SkippedMember, ...] = ()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """One for each member that was skipped."""
        return tuple(
            Notice(code="MEMBER_SKIPPED", message=f"the member was skipped: {each.reason}", member=each.name)
            for each in self.skipped
        )


def write_members(
    members: Iterator[Member | SkippedMember],
    outputs: OutputSet,
    loop: asyncio.AbstractEventLoop,
    bucket: str,
    file_id: str,
) -> Unpacked:
    """Stream every member into an upload of its own; all stay open.

    Returning means that the iterator ended, and so that every layer was verified to its end.
    """
    names: list[str] = []
    layers: dict[str, None] = {}
    skipped: list[SkippedMember] = []
    for member in members:
        if isinstance(member, SkippedMember):
            skipped.append(member)
            continue
        upload = outputs.open(bucket, raw_key(file_id, member.name))
        with UploadWriter(upload, loop) as writer:
            for chunk in member.chunks():
                writer.write(chunk)
        run_on_loop(outputs.seal(upload), loop)
        names.append(member.name)
        layers |= dict.fromkeys(member.layers)
    return Unpacked(tuple(names), tuple(layers) or ("plain",), tuple(skipped))


async def complete_members(unpacked: Unpacked, outputs: OutputSet) -> tuple[RawMember, ...]:
    """Make all members appear at once.

    A member that another run of this generation completed first holds the same verified plaintext, so it is
    adopted whatever version of Landfall wrote it.
    """
    written = await outputs.complete()
    return tuple(
        RawMember(name=name, object=each.stored) for name, each in zip(unpacked.names, written, strict=True)
    )
