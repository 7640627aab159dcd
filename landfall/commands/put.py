"""``landfall put``: land a file as Salesforce Marketing Cloud would."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from landfall import console
from landfall.addresses import landing_key
from landfall.landing import Encryption, encrypted, land
from landfall.pairs import pairs
from landfall.target import find_target

_CONTEXT_VARIABLE = "LANDFALL_KMS_ENCRYPTION_CONTEXT"


def put(
    file: Annotated[Path, typer.Argument(help="The file to land.", exists=True, dir_okay=False)],
    key: Annotated[
        str | None,
        typer.Option("--as", help="Its key under landing/, or a folder/; by default its name."),
    ] = None,
    encrypt: Annotated[
        Encryption,
        typer.Option(
            help="none; pgp; or esdk (AWS Encryption SDK), s3ec-v2, s3ec-v3 (S3 Encryption Client) or kms "
            "(KMS itself, up to 4 KB), under the deployment's landing key."
        ),
    ] = Encryption.NONE,
    encryption_context: Annotated[
        list[str] | None,
        typer.Option(
            help=f"NAME=VALUE of the encryption context; repeatable. By default that of {_CONTEXT_VARIABLE}."
        ),
    ] = None,
    pgp_key: Annotated[
        Path | None,
        typer.Option(
            help="File with the exported public PGP key to encrypt for.", exists=True, dir_okay=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Put a file into the ingest bucket; its notification starts the chain."""
    target = find_target()
    where = landing_key(key, file.name, target.deployment.ingest_bucket)
    context = pairs(encryption_context or os.environ.get(_CONTEXT_VARIABLE, "").split(","))
    recipient = pgp_key.read_bytes() if pgp_key else None
    with file.open("rb") as plain, encrypted(target, plain, encrypt, context, recipient) as sealed:
        landed = land(target, sealed, where)
    if as_json:
        console.print_json({"file_id": landed.file_id, **landed.model_dump(mode="json")})
        return
    console.print_facts(
        [
            ("landed", f"s3://{landed.bucket}/{landed.key}"),
            ("file id", landed.file_id),
            ("follow it", f"landfall status {landed.file_id}"),
        ]
    )
