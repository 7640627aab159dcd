"""A file that is decrypted already, and the normalizer that takes it on with whichever recipes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from services.normalizer.crew.crew import Crew
from services.normalizer.footprint import row_footprint
from services.normalizer.handler import NormalizeHandler
from services.normalizer.pepper import Pepper
from services.normalizer.recipes import Recipe, RecipeBook
from services.normalizer.rejects import DEFAULT_QUARANTINE, QuarantineLimit
from shared.commit import Committer
from shared.events import FileDecrypted, FileNormalized, ReplayRequested
from shared.layout import manifest_key, quarantine_key
from shared.lineage import open_generation
from shared.manifests import (
    CuratedObject,
    DecryptManifest,
    GenerationOpened,
    NormalizeManifest,
    RawMember,
    StoredObject,
)
from shared.messages import Message
from shared.objects.store import GENERATION
from shared.stages import Stage
from tests.doubles.events import InMemoryEvents
from tests.doubles.s3 import InMemoryS3
from tests.histories import REPLAY, History

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CSV = b"SendID,Key\r\n1,k1\r\n2,k2\r\nthree,k3\r\n"  # the third row is bad where SendID is a number


class _Secret:
    def __init__(self, version: str) -> None:
        self._pepper = Pepper(b"a pepper of some bytes", version)

    async def current(self) -> Pepper:
        return self._pepper


class Normalizing(History):
    """A decrypted file, every member of it the same, and the normalizer."""

    def __init__(
        self, *members: str, s3: InMemoryS3 | None = None, key: str = "landing/things.csv", body: bytes = CSV
    ) -> None:
        super().__init__(s3 or InMemoryS3(), key)
        self._body = body
        raw = tuple(self._member(name) for name in members or ("things.csv",))
        self._record(DecryptManifest(**self._facts(0, 1, None), formats=("plain",), members=raw))

    async def run(
        self,
        *recipes: Recipe,
        generation: int = 0,
        receives: int = 1,
        pepper: str | None = None,
        sent_at: datetime = NOW,
        quarantine: QuarantineLimit = DEFAULT_QUARANTINE,
    ) -> None:
        store = self.s3.store()
        handler = NormalizeHandler(
            store=store,
            committer=Committer(
                store,
                InMemoryEvents().bus(),
                NormalizeManifest,
                FileNormalized,
                row_footprint(store, "curated"),
            ),
            recipes=RecipeBook(recipes),
            curated_bucket="curated",
            crew=Crew(),
            pepper=None if pepper is None else _Secret(pepper),  # type: ignore[arg-type] # all that is asked
            quarantine=quarantine,
        )
        request: FileDecrypted | ReplayRequested
        if generation:
            opened = GenerationOpened(
                file=self.file, generation=generation, from_stage=Stage.NORMALIZE, replay=REPLAY
            )
            await open_generation(store, opened)
            request = ReplayRequested(file=self.file, generation=generation, replay=REPLAY)
        else:
            request = FileDecrypted(file=self.file, generation=0, event_id="e", manifest_key="m")
        body = json.dumps({"time": NOW.isoformat()})
        await handler.handle(request, Message("m", "r", body, receives, sent_at))

    def manifest(self, generation: int = 0) -> NormalizeManifest:
        key = manifest_key(self.file_id, Stage.NORMALIZE, generation)
        return NormalizeManifest.model_validate_json(self.s3.objects["ingest", key])

    def curated(self, generation: int = 0) -> CuratedObject:
        (curated,) = self.manifest(generation).curated
        return curated

    @property
    def quarantine(self) -> list[str]:
        """Every key that has a version, a deleted one too, as long as its content can be read."""
        return sorted(
            key
            for (_, key), versions in self.s3.versions.items()
            if key.startswith("quarantine/") and versions
        )

    def leave(self, stem: str, generation: int = 0) -> str:
        """Rejected rows that a run put which then died."""
        key = quarantine_key(self.file_id, stem)
        self.s3.put("ingest", key, b"{}", {GENERATION: str(generation)})
        return key

    def forget_manifest(self) -> None:
        """As if the run had died between its outputs and its manifest."""
        del self.s3.versions["ingest", manifest_key(self.file_id, Stage.NORMALIZE, 0)]

    def _member(self, name: str) -> RawMember:
        key = f"raw/{self.file_id}/{name}"
        raw = self.s3.put("ingest", key, self._body, {GENERATION: "0"})
        stored = StoredObject(bucket="ingest", key=key, size=len(self._body), etag=raw.etag)
        return RawMember(name=name, object=stored)
