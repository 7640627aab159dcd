"""The lock in S3: read whole, changed only by a write on condition that nobody else has changed it since.

docs/decisions/0013-profile-lock.md says why it is there and what it promises.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.normalizer.errors import ProfileLockContended
from services.normalizer.locking.document import LockDocument
from shared.layout import PROFILE_LOCK
from shared.objects.store import ObjectStore

_RACES = 20  # of writers; each round of a race has a winner
_LONGEST_PAUSE_SECONDS = 0.5

Change = Callable[[LockDocument], Awaitable[LockDocument]]


@dataclass(frozen=True, slots=True)
class ProfileLock:
    """The lock of one deployment."""

    store: ObjectStore
    bucket: str

    async def read(self) -> LockDocument:
        """The lock; an empty one where there is none yet.

        Raises:
            ProfileLockUnreadable, ProfileVersionUnknown: see :meth:`LockDocument.parse`.
        """
        document, _ = await self._read()
        return document

    async def change(self, change: Change) -> LockDocument:
        """Store what ``change`` makes of the lock; the loser of a race has it look at the winner's.

        ``change`` gives the same document where there is nothing to change, and nothing is written then.

        Raises:
            ProfileLockContended: every try lost a race.
            ProfileLockUnreadable, ProfileVersionUnknown: see :meth:`LockDocument.parse`.
        """
        for _ in range(_RACES):
            document, etag = await self._read()
            changed = await change(document)
            if changed == document:
                return document
            if await self.store.put_if_unchanged(self.bucket, PROFILE_LOCK, changed.to_json(), etag):
                return changed
            await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))
        raise ProfileLockContended(f"{PROFILE_LOCK} was changed by others {_RACES} times in a row")

    async def _read(self) -> tuple[LockDocument, str | None]:
        found = await self.store.read_tagged(self.bucket, PROFILE_LOCK)
        return (LockDocument(), None) if found is None else (LockDocument.parse(found[0]), found[1])
