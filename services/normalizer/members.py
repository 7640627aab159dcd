"""Normalising the members of one file in a worker thread: each to one Parquet object, all still invisible."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from services.normalizer.crew.crew import Crew
from services.normalizer.engine import normalize
from services.normalizer.parquet import Footer, read_footer
from services.normalizer.pepper import Pepper
from services.normalizer.placement import Placement, place
from services.normalizer.quarantine import Quarantine
from services.normalizer.recipes import Recipe
from services.normalizer.rejects import DEFAULT_QUARANTINE, QuarantineLimit
from shared.identity import LandedFile
from shared.layout import quarantine_key
from shared.manifests import RawMember, StoredObject
from shared.objects.outputs import OutputSet
from shared.objects.store import ObjectStore
from shared.objects.streams import ObjectReader, UploadWriter, run_on_loop

_BUFFER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """One member and the recipe that matches it."""

    member: RawMember
    recipe: Recipe

    def placement(self, file: LandedFile) -> Placement:
        """Where its rows go."""
        return place(file, self.recipe.dataset, self.recipe.mode, self.member.name)


@dataclass(frozen=True, slots=True)
class Normalized:
    """What became of one member."""

    job: Job
    footer: Footer
    """What its object tells of itself."""
    quarantine_key: str | None


@dataclass(frozen=True, slots=True)
class MemberNormalizer:
    """Reads raw members and writes curated objects, between a worker thread and the event loop."""

    store: ObjectStore
    loop: asyncio.AbstractEventLoop
    curated_bucket: str
    pepper: Pepper | None
    crew: Crew
    quarantine: QuarantineLimit = DEFAULT_QUARANTINE

    def normalize_all(
        self,
        file: LandedFile,
        generation: int,
        jobs: Sequence[Job],
        curated: OutputSet,
        quarantine: OutputSet,
    ) -> list[Normalized]:
        """Normalise every member, in order; every upload stays open."""
        return [self._normalize(file, generation, job, curated, quarantine) for job in jobs]

    def adopted(self, file: LandedFile, job: Job, stored: StoredObject, generation: int) -> Normalized:
        """What became of a member whose object another run wrote, of that generation, as the object tells."""
        with self._open(stored) as source:
            footer = read_footer(source)
        key = quarantine_key(file.file_id, _rejects_stem(job.member.name, generation, footer.fingerprint))
        return Normalized(job, footer, key if footer.account.quarantined else None)

    def _normalize(
        self, file: LandedFile, generation: int, job: Job, curated: OutputSet, quarantine: OutputSet
    ) -> Normalized:
        pepper_version = None if self.pepper is None else self.pepper.version
        fingerprint = job.recipe.fingerprint_under(pepper_version)
        stem = _rejects_stem(job.member.name, generation, fingerprint)
        rejects = Quarantine(quarantine, self.loop, file.bucket, file.file_id, stem)
        upload = curated.open(self.curated_bucket, job.placement(file).key)
        try:
            with self._open(job.member.object) as source, UploadWriter(upload, self.loop) as sink:
                account = normalize(
                    source,
                    job.recipe,
                    cast("BinaryIO", sink),
                    rejects,
                    member=job.member.name,
                    pepper=self.pepper,
                    crew=self.crew,
                    source_bytes=job.member.object.size,
                    quarantine=self.quarantine,
                )
        finally:
            key = rejects.close()
        run_on_loop(curated.seal(upload), self.loop)
        return Normalized(job, Footer.of(job.recipe, account, pepper_version), key)

    def _open(self, stored: StoredObject) -> BinaryIO:
        raw = ObjectReader(self.store, self.loop, stored.bucket, stored.key, stored.size)
        return cast("BinaryIO", io.BufferedReader(raw, _BUFFER_BYTES))


def _rejects_stem(member: str, generation: int, fingerprint: str) -> str:
    """The recipe's fingerprint keeps the rejects of an older recipe apart from those of its correction."""
    return f"{member}.{generation}.{fingerprint[:8]}"
