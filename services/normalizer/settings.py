"""The normalizer's own settings."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from services.normalizer.rejects import QuarantineLimit
from shared.settings import FileWorkSettings

BUILT_IN_RECIPES = Path(__file__).parents[2] / "recipes"


class NormalizerSettings(FileWorkSettings):
    """Common settings plus where rows go and which recipes make them."""

    curated_bucket: str = Field(
        description="Bucket that Clean Rooms reads; only hashed, typed rows go there."
    )
    recipes: Path = Field(
        default=BUILT_IN_RECIPES, description="Folder of recipe files; the built-in ones by default."
    )
    concurrency: int = Field(default=2, ge=1, description="Files in work at once in one task.")
    max_quarantined_rows: int = Field(
        default=QuarantineLimit.rows,
        ge=0,
        description="Rejected rows of a member that go to quarantine, its first ones; all are counted.",
    )
    max_quarantined_bytes: int = Field(
        default=QuarantineLimit.size,
        ge=0,
        description="Bytes of rejected rows of a member that go to quarantine; its first rows, too.",
    )
    pepper_secret_arn: str | None = Field(
        default=None,
        description="Secret (ARN or name) with the pepper for identifiers that are no match keys; none: "
        "plain SHA-256.",
    )

    @field_validator("pepper_secret_arn")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return value or None  # a task definition can't leave a variable out

    @property
    def quarantine(self) -> QuarantineLimit:
        """How much of one member goes to quarantine."""
        return QuarantineLimit(self.max_quarantined_rows, self.max_quarantined_bytes)
