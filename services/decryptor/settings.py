"""The decryptor's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from shared.objects.upload import MOST_BYTES
from shared.settings import FileWorkSettings

_MIB, _GIB = 1 << 20, 1 << 30


def _parts(value: object) -> object:
    """The parts of a comma-separated text."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _pairs(value: object) -> object:
    """The pairs of a text such as ``purpose=landing,unit=7``."""
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        if not all(name.strip() and equals for name, equals, _ in pairs):
            raise ValueError("give it as NAME=VALUE, several separated by commas")
        return {name.strip(): told.strip() for name, _, told in pairs}
    return value


_Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parts)]
_Pairs = Annotated[Mapping[str, str], NoDecode, BeforeValidator(_pairs)]


class DecryptorSettings(FileWorkSettings):
    """Common settings plus which keys may decrypt, and how much one file may become."""

    kms_key_arns: _Names = Field(
        default=(),
        description="KMS keys that files may be encrypted under, comma separated; none: all refused.",
    )
    kms_encryption_context: _Pairs = Field(
        default={},
        description="Pairs that the encryption context of every file under a KMS key must hold, as "
        "NAME=VALUE, comma separated.",
    )
    pgp_private_keys: _Names = Field(
        default=(),
        description="Secrets (names or ARNs) with PGP private keys, comma separated; none: PGP is refused.",
    )
    pgp_signer_keys: _Names = Field(
        default=(), description="Secrets with the public keys of those who sign PGP files, comma separated."
    )
    pgp_signers: _Names = Field(
        default=(),
        validate_default=True,
        description="Fingerprints, comma separated; where given, one of them must have signed each PGP file.",
    )
    max_members: int = Field(default=1000, ge=1, description="Most members one landed file may hold.")
    max_member_bytes: int = Field(
        default=20 * _GIB,
        ge=1,
        le=MOST_BYTES,
        description="Largest member, unpacked; at most 125,829,120,000, which is what an upload can hold.",
    )
    max_total_bytes: int = Field(default=40 * _GIB, ge=1, description="Largest sum of all members, unpacked.")
    max_ratio: int = Field(
        default=100,
        ge=1,
        description="Most times its landed size that a file may unpack to, and most times its packed size "
        "that a member of a zip may.",
    )
    staging_memory_bytes: int = Field(
        default=64 * _MIB,
        ge=0,
        description="An inner archive up to this size is held in memory; larger ones under raw/.staging/.",
    )

    @field_validator("pgp_signers")
    @classmethod
    def _signers_have_keys(cls, signers: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if bool(signers) != bool(info.data.get("pgp_signer_keys")):
            raise ValueError("it and LANDFALL_PGP_SIGNER_KEYS need each other")
        return signers
