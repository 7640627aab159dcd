"""The record a stage leaves of what it did to a file: the truth that every event only points to.

A success manifest is put once, conditionally, after all its outputs: it *is* the commit. Failures are stored
apart and never stop a later try.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events import Replay
from shared.identity import LandedFile
from shared.stages import Stage


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredObject(_Record):
    """An object of ours as S3 holds it."""

    bucket: str
    key: str
    size: int
    etag: str
    sha256: str | None = Field(default=None, description="Lower-case hex, of the content.")
    version_id: str | None = Field(default=None, description="Which version; none where it is not known.")


class Notice(_Record):
    """Something an operator should know that did not stop the file."""

    code: str
    message: str
    member: str | None = None


class Manifest(_Record):
    """What every stage records."""

    moved_by: ClassVar[Stage | None] = None
    """The stage that takes this one's outputs elsewhere once it has succeeded."""

    version: Literal[1] = 1
    stage: Stage
    file: LandedFile
    generation: int = Field(ge=0)
    replay: Replay | None = None
    fingerprint: str = Field(description="How it was made: settings, recipe, profiles, upstream stage.")
    attempt: int = Field(ge=1, description="SQS receive count of the message that succeeded.")
    upstream_generation: int | None = Field(
        default=None,
        description="Generation of the stage before that this was made from; none where it is this one.",
    )
    started_at: AwareDatetime
    finished_at: AwareDatetime
    warnings: tuple[Notice, ...] = ()

    @property
    def made_from(self) -> int:
        """Generation of the manifest of the stage before that this was made from."""
        return self.generation if self.upstream_generation is None else self.upstream_generation

    def outputs(self) -> tuple[StoredObject, ...]:
        """Every object this stage made, so that a later generation can delete what it no longer makes."""
        return ()

    def listed(self) -> frozenset[tuple[str, str]]:
        """Bucket and key of all that is to stay: the outputs, and what was written beside them."""
        return frozenset((each.bucket, each.key) for each in self.outputs())


class RawMember(_Record):
    """One decrypted, unpacked CSV."""

    name: str
    object: StoredObject


class DecryptManifest(Manifest):
    """Members of the landed file under raw/."""

    moved_by: ClassVar[Stage | None] = Stage.ARCHIVE

    stage: Literal[Stage.DECRYPT] = Stage.DECRYPT
    formats: tuple[str, ...] = Field(description="Layers taken off, outermost first.")
    members: tuple[RawMember, ...]
    skipped: tuple[str, ...] = Field(
        default=(), description="Members of archives that are no extracts: clutter, pictures, documents."
    )

    def outputs(self) -> tuple[StoredObject, ...]:
        """The raw members."""
        return tuple(member.object for member in self.members)


class MemberCounts(_Record):
    """Where every file inside the landed one went: members_in = normalized + unmatched + skipped.

    Folders are no members.
    """

    members_in: int
    normalized: int
    unmatched: int = 0
    skipped: int = 0


class RowCounts(_Record):
    """Where every record of a member went: rows_in = rows_out + rejected + filtered + duplicates.

    Blank lines are no records.
    """

    rows_in: int
    rows_out: int
    rejected: int = 0
    filtered: int = 0
    duplicates: int = 0
    blank_lines: int = 0
    not_quarantined: int = Field(
        default=0, description="Rejected rows that were left out of quarantine, which holds the first ones."
    )

    @property
    def sound(self) -> int:
        """Rows that came in and are not damaged, whatever filters and keys leave out of them afterwards."""
        return self.rows_in - self.rejected


class CuratedObject(_Record):
    """One member as Parquet, and what the catalog must hold for it."""

    member: str
    dataset: str
    mode: Literal["append", "snapshot"]
    recipe: str = Field(description="Recipe name and version.")
    recipe_fingerprint: str | None = Field(
        default=None, description="Of all in the recipe that changes the output; none where it is not known."
    )
    profiles: dict[str, str] | None = Field(
        default=None,
        description="Column of match keys to the profile and version that made it, such as plain@2; none in "
        "manifests of releases that did not record it, whose columns are all of version 1.",
    )
    pepper_version: str | None = Field(
        default=None,
        description="The version of the pepper's secret under which identifiers were hashed; none where "
        "there was no pepper, or no identifier.",
    )
    object: StoredObject
    partition: dict[str, str]
    location: str = Field(description="The partition's folder, s3://…/")
    columns: dict[str, str] = Field(description="Column name to Glue type, in order.")
    rows: RowCounts
    min_rows_share: float | None = Field(
        default=None,
        description="Of a snapshot: the share of the current one's rows that it must have to replace that; "
        "none where rows are appended, and where it is not known.",
    )
    rejected_by_reason: dict[str, int] = Field(default_factory=dict, description="Rejected rows, by reason.")
    invalid: dict[str, int] = Field(default_factory=dict, description="Values made NULL, by column.")
    suppressed: dict[str, int] = Field(
        default_factory=dict, description="Kept values made NULL because they looked like personal data."
    )
    dropped_columns: tuple[str, ...] = Field(
        default=(), description="Columns the recipe does not name, where a name can be no value."
    )
    dropped_unnamed: int = Field(
        default=0, description="How many more there are; their names may be values of the file."
    )
    empty: bool = Field(default=False, description="The member has no record at all, not even a header.")
    quarantine_key: str | None = None


class NormalizeManifest(Manifest):
    """Curated objects made from the raw members."""

    stage: Literal[Stage.NORMALIZE] = Stage.NORMALIZE
    curated: tuple[CuratedObject, ...]
    unmatched: tuple[str, ...] = Field(default=(), description="Members that no recipe matches.")

    def outputs(self) -> tuple[StoredObject, ...]:
        """The curated objects."""
        return tuple(item.object for item in self.curated)

    def listed(self) -> frozenset[tuple[str, str]]:
        """The curated objects and the rejected rows."""
        rejects = (item.quarantine_key for item in self.curated if item.quarantine_key is not None)
        return super().listed() | {(self.file.bucket, key) for key in rejects}


def member_counts(stages: Iterable[Manifest]) -> MemberCounts | None:
    """Where the members went, by the manifests of a run; None until both stages that know are done."""
    decrypted = normalized = None
    for manifest in stages:
        if isinstance(manifest, DecryptManifest):
            decrypted = manifest
        if isinstance(manifest, NormalizeManifest):
            normalized = manifest
    if decrypted is None or normalized is None:
        return None
    return MemberCounts(
        members_in=len(decrypted.members) + len(decrypted.skipped),
        normalized=len(normalized.curated),
        unmatched=len(normalized.unmatched),
        skipped=len(decrypted.skipped),
    )


class CatalogedTable(_Record):
    """A table as the Glue API showed it after the crawl."""

    database: str
    table: str
    location: str
    columns: int
    partition: dict[str, str]


class CrawlSeen(_Record):
    """The crawl that began after the normalizer's manifest was written."""

    crawler: str
    crawl_id: str
    started_at: AwareDatetime


class CatalogManifest(Manifest):
    """Proof that the catalog holds the file."""

    stage: Literal[Stage.CATALOG] = Stage.CATALOG
    tables: tuple[CatalogedTable, ...]
    crawl: CrawlSeen | None = None


class Original(_Record):
    """An object that was in landing/ or raw/, and exactly which version of it."""

    source_key: str
    source_version: str | None


class ArchivedObject(Original):
    """An original and the place it was moved to."""

    object: StoredObject
    compared: str = Field(
        default="size", description="What showed that the copy equals its original, besides the size."
    )


class ArchiveManifest(Manifest):
    """Originals moved out of landing/ and raw/."""

    stage: Literal[Stage.ARCHIVE] = Stage.ARCHIVE
    archived: tuple[ArchivedObject, ...]
    removed: tuple[Original, ...] = Field(
        default=(), description="Raw members that were deleted rather than archived, as the setting has it."
    )
    landed_together: tuple[str, ...] = Field(
        default=(),
        description="Of a file with snapshots: the versions of its key that landed in the same second and "
        "were still in landing/, its own included, the newest first as S3 lists them. Empty where not known.",
    )

    def outputs(self) -> tuple[StoredObject, ...]:
        """The archived originals."""
        return tuple(item.object for item in self.archived)


class FailureManifest(_Record):
    """Why a stage gave up on a file, and what to do."""

    version: Literal[1] = 1
    stage: Stage
    file: LandedFile
    generation: int = Field(ge=0)
    replay: Replay | None = None
    attempt: int = Field(ge=1, description="How many times this stage has failed this generation.")
    receive_count: int
    message_id: str
    code: str
    message: str
    advice: str
    failed_at: AwareDatetime


class FailureResolved(_Record):
    """An operator closed a file's failure without a replay: who, when and why.

    A later failure of the same generation opens it again.
    """

    version: Literal[1] = 1
    file: LandedFile
    generation: int = Field(ge=0)
    stage: Stage = Field(description="The stage that had failed.")
    code: str = Field(description="Of the failure that was closed.")
    resolved_by: str
    resolved_at: AwareDatetime
    because: str = Field(min_length=1, max_length=500, description="The operator's reason.")


class GenerationOpened(_Record):
    """An operator had a file run again from one stage on: who, when, and which generation that began.

    Put once, conditionally, before the request is sent, so that no two replays share a generation. Whatever
    an earlier generation still has in work stops when it sees this. Generation 0 has one only where a
    backfill began it.
    """

    version: Literal[1] = 1
    file: LandedFile
    generation: int = Field(ge=0)
    from_stage: Stage = Field(description="The first stage that runs anew; those before it stand.")
    replay: Replay
    accepts_shrink: bool = Field(
        default=False,
        description="Whether the operator accepts that the file's snapshots have far fewer rows than the "
        "current ones that they replace.",
    )
    because: str | None = Field(default=None, description="Why, in the operator's words.")


MANIFESTS: dict[Stage, type[Manifest]] = {
    Stage.DECRYPT: DecryptManifest,
    Stage.NORMALIZE: NormalizeManifest,
    Stage.CATALOG: CatalogManifest,
    Stage.ARCHIVE: ArchiveManifest,
}
