"""``landfall decrypt``: the decryptor's own code on a file of this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import botocore.session
import typer

from landfall import console
from landfall.atomic_folder import all_or_nothing
from landfall.pairs import pairs
from landfall.unpacked import LocalFile, Written, write
from services.decryptor.gpg.home import GpgHome, PrivateKey, gpg_home
from services.decryptor.keyring import Keyring
from services.decryptor.kms import KmsKeys, kms_clients
from services.decryptor.limits import Limits
from services.decryptor.staging import MemoryStaging, TemporaryFileStaging
from services.decryptor.unpack import SkippedMember, unpack

_KEY_ARNS_VARIABLE = "LANDFALL_KMS_KEY_ARNS"
_CONTEXT_VARIABLE = "LANDFALL_KMS_ENCRYPTION_CONTEXT"
_UNLOCK_VARIABLE = "LANDFALL_PGP_PASSPHRASE"
_DEFAULT = Limits()


def decrypt(
    src: Annotated[Path, typer.Argument(help="A file as it would land: encrypted, packed or plain.")],
    out: Annotated[Path, typer.Option(help="Folder for the members; made where it is missing.")],
    key_arn: Annotated[
        list[str] | None,
        typer.Option(
            help=f"A KMS key that may be used; repeatable. By default those of {_KEY_ARNS_VARIABLE}, "
            "and where that is not set any key that the credentials may use."
        ),
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE of the object's S3 metadata, where its encryption needs it; repeatable."
        ),
    ] = None,
    encryption_context: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE that the file's encryption context must hold; repeatable. By default that of "
            f"{_CONTEXT_VARIABLE}."
        ),
    ] = None,
    pgp_key: Annotated[
        list[Path] | None,
        typer.Option(
            help=f"File with an exported private PGP key; repeatable. Its passphrase is taken from "
            f"{_UNLOCK_VARIABLE}."
        ),
    ] = None,
    pgp_signer_key: Annotated[
        list[Path] | None,
        typer.Option(help="File with the public key of somebody who must have signed PGP files; repeatable."),
    ] = None,
    pgp_signer: Annotated[
        list[str] | None,
        typer.Option(help="Fingerprint of a key that must have signed PGP files; repeatable."),
    ] = None,
    max_members: Annotated[
        int, typer.Option(envvar="LANDFALL_MAX_MEMBERS", min=1, help="Most members of an archive.")
    ] = _DEFAULT.max_members,
    max_member_bytes: Annotated[
        int, typer.Option(envvar="LANDFALL_MAX_MEMBER_BYTES", min=1, help="Most bytes of one member.")
    ] = _DEFAULT.max_member_bytes,
    max_total_bytes: Annotated[
        int,
        typer.Option(envvar="LANDFALL_MAX_TOTAL_BYTES", min=1, help="Most bytes of all members together."),
    ] = _DEFAULT.max_total_bytes,
    max_ratio: Annotated[
        int,
        typer.Option(
            envvar="LANDFALL_MAX_RATIO", min=1, help="How many times its size a file may expand to."
        ),
    ] = _DEFAULT.max_ratio,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Turn SRC into the verified members that the decryptor would write to raw/.

    Nothing is left in the folder unless every member was verified to its end. AWS is reached for KMS only.
    """
    context = pairs(encryption_context or os.environ.get(_CONTEXT_VARIABLE, "").split(","))
    landed = LocalFile(src, pairs(metadata or []))
    limits = Limits(
        max_members=max_members,
        max_member_bytes=max_member_bytes,
        max_total_bytes=max_total_bytes,
        max_ratio=max_ratio,
    )
    staging = MemoryStaging(overflow=TemporaryFileStaging())
    with ExitStack() as held:
        pgp = _pgp_home(held, pgp_key or [], pgp_signer_key or [], pgp_signer or [])
        folder = held.enter_context(all_or_nothing(out))
        layers: tuple[str, ...] = ()
        written: list[Written] = []
        skipped: list[SkippedMember] = []
        keyring = Keyring(kms_keys(key_arn or [], context), pgp)
        for member in unpack(landed, keyring, limits, staging):
            if isinstance(member, SkippedMember):
                skipped.append(member)
                continue
            layers = max(layers, member.layers, key=len)
            written.append(write(member, folder, out))
    if as_json:
        console.print_json(
            {
                "format": layers or ["plain"],
                "members": [asdict(each) for each in written],
                "skipped": [asdict(each) for each in skipped],
            }
        )
    else:
        console.print_table(
            ("member", "bytes", "SHA-256"), [(each.name, str(each.bytes), each.sha256) for each in written]
        )
        for each in skipped:
            console.say(f"Skipped {each.name}: {each.reason}.")


def kms_keys(key_arns: list[str], context: Mapping[str, str]) -> KmsKeys:
    """The KMS keys of this machine's environment: its endpoint and credentials, and the keys it allows."""
    listed = os.environ.get(_KEY_ARNS_VARIABLE, "").split(",")
    arns = frozenset(key_arns or (arn.strip() for arn in listed if arn.strip()))
    return KmsKeys(kms_clients(kms_session()), arns, any_key=not arns, required_context=context)


def kms_session() -> botocore.session.Session:
    """The session whose KMS is asked: everything from the environment."""
    return botocore.session.get_session()


def _pgp_home(
    held: ExitStack, keys: list[Path], signer_keys: list[Path], signers: list[str]
) -> GpgHome | None:
    if not keys:
        return None
    passphrase = os.environ.get(_UNLOCK_VARIABLE, "")
    private_keys = [PrivateKey(path.read_bytes(), passphrase) for path in keys]
    public_keys = [path.read_bytes() for path in signer_keys]
    return held.enter_context(gpg_home(private_keys, public_keys, frozenset(signers)))
