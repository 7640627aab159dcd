"""``landfall put``: land a file as Salesforce Marketing Cloud would."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from landfall import console
from landfall.landing import Encryption, encrypted, land
from landfall.target import find_target
from shared.layout import LANDING


def put(
    file: Annotated[Path, typer.Argument(help="The file to land.", exists=True, dir_okay=False)],
    key: Annotated[
        str | None, typer.Option("--as", help="Its key, under landing/; by default landing/ and its name.")
    ] = None,
    encrypt: Annotated[
        Encryption,
        typer.Option(help="none, or esdk: the AWS Encryption SDK under the deployment's landing key."),
    ] = Encryption.NONE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Put a file into the ingest bucket; its notification starts the chain."""
    target = find_target()
    with file.open("rb") as plain:
        landed = land(target, encrypted(target, plain, encrypt), _key(file, key))
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


def _key(file: Path, key: str | None) -> str:
    if key is None:
        return LANDING + file.name
    return key if key.startswith(LANDING) else LANDING + key
