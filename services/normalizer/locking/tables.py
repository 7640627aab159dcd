"""The profile versions of a table that has no lock yet, by what is in the curated bucket."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, cast

import pyarrow as pa

from services.normalizer.errors import AccountMissing
from services.normalizer.parquet import read_footer
from shared.objects.store import ObjectStore
from shared.objects.streams import ObjectReader
from shared.threads import in_own_thread

_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TableVersions:
    """Looks at the objects of a dataset."""

    store: ObjectStore
    curated_bucket: str

    async def of(self, dataset: str) -> Mapping[str, int] | None:
        """The versions by profile, as the first object of the dataset names them; None without any object.

        A profile that it does not name is left out. Rows that were made before locks existed are of
        version 1, so that is what the caller assumes of those.
        """
        first = await self.store.first_under(self.curated_bucket, f"{dataset}/")
        if first is None:
            return None
        loop = asyncio.get_running_loop()

        def read() -> Mapping[str, int]:
            raw = ObjectReader(self.store, loop, self.curated_bucket, first.key, first.size)
            try:
                return read_footer(cast("BinaryIO", io.BufferedReader(raw, _BUFFER_BYTES))).profile_versions
            except (AccountMissing, pa.ArrowException):  # not the normalizer's, so it says nothing
                return {}

        return await in_own_thread(read)
