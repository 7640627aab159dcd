"""The normalizer's story of one file: match members to recipes, normalise all of them, let all appear."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.normalizer.crew.crew import Crew
from services.normalizer.errors import NoRecipe, TooManyBadRows
from services.normalizer.locking.lock import ProfileLock
from services.normalizer.locking.resolving import ProfileVersions
from services.normalizer.locking.tables import TableVersions
from services.normalizer.members import Job, MemberNormalizer
from services.normalizer.pepper import Pepper, PepperSecret
from services.normalizer.recipes import RecipeBook
from services.normalizer.rejects import DEFAULT_QUARANTINE, QuarantineLimit
from services.normalizer.reporting import curated_object, notices, unmatched_notice
from shared.commit import Committer, now
from shared.errors import UnreadableMessage
from shared.events import FileDecrypted, ReplayRequested
from shared.identity import LandedFile
from shared.lineage import upstream_manifest
from shared.logs import get_logger
from shared.manifests import CuratedObject, DecryptManifest, NormalizeManifest
from shared.messages import Message, Request
from shared.objects.outputs import OutputSet
from shared.objects.store import ObjectStore
from shared.originals import where_they_are
from shared.stages import Stage
from shared.threads import in_own_thread

log = get_logger()


@dataclass(frozen=True, slots=True)
class NormalizeHandler:
    """Handles FileDecrypted and replays of this stage."""

    store: ObjectStore
    committer: Committer[NormalizeManifest]
    recipes: RecipeBook
    curated_bucket: str
    crew: Crew
    pepper: PepperSecret | None = None
    quarantine: QuarantineLimit = DEFAULT_QUARANTINE
    stage: Stage = Stage.NORMALIZE

    async def handle(self, request: Request, message: Message) -> None:
        """Return once every matched member lies in the curated bucket and the event is out."""
        if not isinstance(request, FileDecrypted | ReplayRequested):
            raise UnreadableMessage(f"the normalizer does not handle {type(request).__name__}")
        file, generation = request.file, request.generation

        async def work() -> NormalizeManifest:
            started = now()
            decrypted = await upstream_manifest(self.store, file, DecryptManifest, generation)
            if decrypted.generation < generation:  # the archiver may have moved its members since
                decrypted = await where_they_are(self.store, decrypted)
            matched, unmatched = self._match(decrypted)
            jobs = await self._at_locked_versions(matched, file.bucket)
            pepper = None if self.pepper is None else await self.pepper.current()
            version = None if pepper is None else pepper.version
            recipes = {job.recipe.fingerprint_under(version) for job in jobs}
            ours = _fingerprint(decrypted, recipes)
            curated = await self._normalize(file, generation, jobs, ours, pepper)
            return NormalizeManifest(
                file=file,
                generation=generation,
                replay=request.replay,
                fingerprint=_fingerprint(decrypted, {each.recipe_fingerprint or "" for each in curated}),
                attempt=message.receive_count,
                upstream_generation=decrypted.generation,
                curated=tuple(curated),
                unmatched=tuple(unmatched),
                warnings=(
                    *(unmatched_notice(name) for name in unmatched),
                    *(notice for each in curated for notice in notices(each)),
                ),
                started_at=started,
                finished_at=now(),
            )

        manifest = await self.committer.run(file, generation, work, is_prompt=message.is_prompt)
        if manifest is not None:
            rows = sum(each.rows.rows_out for each in manifest.curated)
            log.info("file_normalized", members=len(manifest.curated), rows_out=rows)

    def _match(self, decrypted: DecryptManifest) -> tuple[list[Job], list[str]]:
        jobs: list[Job] = []
        unmatched: list[str] = []
        for member in decrypted.members:
            recipe = self.recipes.match(member.name)
            if recipe is None:
                unmatched.append(member.name)
            else:
                jobs.append(Job(member, recipe))
        if not jobs:
            raise NoRecipe(f"none of the file's {len(unmatched)} members has a recipe")
        return jobs, unmatched

    async def _at_locked_versions(self, jobs: Sequence[Job], bucket: str) -> list[Job]:
        """The jobs with the profile versions of their tables, which are locked before any row is made."""
        versions = ProfileVersions(
            ProfileLock(self.store, bucket), TableVersions(self.store, self.curated_bucket)
        )
        recipes = await versions.resolve(job.recipe for job in jobs)
        return [Job(job.member, recipes[job.recipe.dataset]) for job in jobs]

    async def _normalize(
        self,
        file: LandedFile,
        generation: int,
        jobs: Sequence[Job],
        fingerprint: str,
        pepper: Pepper | None,
    ) -> list[CuratedObject]:
        loop = asyncio.get_running_loop()
        members = MemberNormalizer(self.store, loop, self.curated_bucket, pepper, self.crew, self.quarantine)
        async with (
            OutputSet(self.store, generation, fingerprint) as rejects,
            OutputSet(self.store, generation, fingerprint) as outputs,
        ):
            try:
                normalized = await in_own_thread(
                    members.normalize_all, file, generation, jobs, outputs, rejects
                )
            except TooManyBadRows:
                await rejects.complete()  # no row is published, but the operator must see which were bad
                raise
            await rejects.complete()
            written = await outputs.complete()
        curated: list[CuratedObject] = []
        for each, output in zip(normalized, written, strict=True):
            made = each
            if output.foreign is not None:
                # Another recipe's object came first: what it tells of itself holds, and its rejects stay.
                made = await in_own_thread(
                    members.adopted, file, each.job, output.stored, output.foreign.generation
                )
            curated.append(curated_object(file, made, output.stored))
        return curated


def _fingerprint(decrypted: DecryptManifest, recipes: Collection[str]) -> str:
    """Of the members, and of the recipes that made rows of them."""
    parts = [decrypted.fingerprint, *sorted(recipes)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
