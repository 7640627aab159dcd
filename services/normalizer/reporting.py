"""What the normalizer records and warns of, by column and count; never a value."""

from __future__ import annotations

from collections.abc import Iterator

from services.normalizer.members import Normalized
from shared.identity import LandedFile
from shared.manifests import CuratedObject, Notice, RowCounts, StoredObject

_MAX_NAMES = 50


def curated_object(file: LandedFile, normalized: Normalized, stored: StoredObject) -> CuratedObject:
    """One curated object's entry in the manifest: where its member was put, and what its footer tells.

    Perhaps another recipe made the object than the one that is deployed now; the catalog must hold the
    columns that are there.
    """
    job, footer = normalized.job, normalized.footer
    account, placement = footer.account, job.placement(file)
    return CuratedObject(
        member=job.member.name,
        dataset=job.recipe.dataset,
        mode=job.recipe.mode,
        recipe=footer.recipe,
        recipe_fingerprint=footer.fingerprint,
        profiles=None if footer.profiles is None else dict(footer.profiles),
        pepper_version=footer.pepper_version,
        object=stored,
        partition=placement.partition,
        location=f"s3://{stored.bucket}/{placement.folder}",
        columns=dict(footer.columns),
        rows=RowCounts(
            rows_in=account.rows_in,
            rows_out=account.rows_out,
            rejected=account.rejected,
            filtered=account.filtered,
            duplicates=account.duplicates,
            blank_lines=account.blank_lines,
            not_quarantined=account.not_quarantined,
        ),
        min_rows_share=job.recipe.min_rows_share if job.recipe.mode == "snapshot" else None,
        rejected_by_reason=dict(account.rejected_by_reason),
        invalid=dict(account.invalid_by_column),
        suppressed=dict(account.suppressed_by_column),
        dropped_columns=account.dropped_columns,
        dropped_unnamed=account.dropped_unnamed,
        empty=account.empty,
        quarantine_key=normalized.quarantine_key,
    )


def unmatched_notice(member: str) -> Notice:
    """A member without a recipe was left out."""
    return Notice(
        code="NO_RECIPE", message="no recipe matches the member's name; it was left out", member=member
    )


def notices(curated: CuratedObject) -> Iterator[Notice]:
    """What an operator should know of one member that was normalised."""
    if curated.empty:
        yield Notice(code="EMPTY_MEMBER", message="the member has no record at all", member=curated.member)
    if curated.dropped_columns or curated.dropped_unnamed:
        yield Notice(code="COLUMNS_DROPPED", message=_dropped(curated), member=curated.member)
    if curated.rows.rejected:
        yield Notice(code="ROWS_REJECTED", message=_rejected(curated), member=curated.member)
    for column, count in sorted(curated.suppressed.items()):
        yield Notice(
            code="VALUES_SUPPRESSED",
            message=f"{count} values of {column} looked like personal data and were made NULL",
            member=curated.member,
        )


def _dropped(curated: CuratedObject) -> str:
    named = curated.dropped_columns[:_MAX_NAMES]
    unnamed = curated.dropped_unnamed + len(curated.dropped_columns) - len(named)
    if not named:
        return f"the recipe does not name {unnamed} of the file's columns, so they were left out"
    more = f" and {unnamed} more" if unnamed else ""
    return f"the recipe does not name these columns, so they were left out: {', '.join(named)}{more}"


def _rejected(curated: CuratedObject) -> str:
    rows, key = curated.rows, curated.quarantine_key
    if not rows.not_quarantined:
        return f"{rows.rejected} of {rows.rows_in} rows are in {key}"
    kept = (
        f"the first {rows.rejected - rows.not_quarantined} are in {key}" if key else "none are in quarantine"
    )
    return (
        f"{rows.rejected} of {rows.rows_in} rows were rejected; {kept}, "
        f"{rows.not_quarantined} more are not (LANDFALL_MAX_QUARANTINED_ROWS, LANDFALL_MAX_QUARANTINED_BYTES)"
    )
