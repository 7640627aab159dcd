"""The decryptor's own settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.settings import WorkerSettings

_MIB, _GIB = 1 << 20, 1 << 30


class DecryptorSettings(WorkerSettings):
    """Common settings plus which keys may decrypt, and how much one file may become."""

    kms_key_arns: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="KMS keys that files may be encrypted under, comma separated; none: all refused.",
    )
    max_members: int = Field(default=1000, ge=1, description="Most members one landed file may hold.")
    max_member_bytes: int = Field(default=100 * _GIB, ge=1, description="Largest member, unpacked.")
    max_total_bytes: int = Field(
        default=200 * _GIB, ge=1, description="Largest sum of all members, unpacked."
    )
    max_ratio: int = Field(
        default=200, ge=1, description="Most times its landed size that a file may unpack to."
    )
    staging_memory_bytes: int = Field(
        default=64 * _MIB,
        ge=0,
        description="An inner archive up to this size is held in memory; larger ones under raw/.staging/.",
    )

    @field_validator("kms_key_arns", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value
