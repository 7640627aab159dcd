"""Watching a file's manifests appear: each is a stage that is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import boto3

from landfall.errors import OperatorError
from landfall.waiting import wait_until
from shared.identity import LandedFile
from shared.layout import manifest_key, manifest_prefix
from shared.manifests import MANIFESTS, DecryptManifest, Manifest, NormalizeManifest
from shared.stages import Stage

_FAILED = object()
_WORK = {
    Stage.DECRYPT: "decrypted",
    Stage.NORMALIZE: "normalised and hashed",
    Stage.CATALOG: "catalogued",
    Stage.ARCHIVE: "archived",
}


@dataclass(frozen=True, slots=True)
class Watch:
    """One landed file, and when it was put by the local clock."""

    file: LandedFile
    put_at: float

    def follow(self, say: Callable[[str], None], within: float) -> None:
        """Say a line as each stage finishes, until the file is archived or has failed.

        Raises:
            OperatorError: a stage did not finish in time.
        """
        for stage in Stage:
            try:
                manifest = wait_until(partial(self._look, stage), within=within)
            except TimeoutError:
                raise OperatorError(
                    f"The {stage} stage took longer than {within:.0f} s: see its service's log."
                ) from None
            if manifest is _FAILED:
                say(f"{self._elapsed()}  failed")
                return
            say(f"{self._elapsed()}  {_WORK[stage]}{_detail(manifest)}")

    def _look(self, stage: Stage) -> Manifest | object | None:
        s3, prefix = boto3.client("s3"), manifest_prefix(self.file.file_id)
        listing = s3.list_objects_v2(Bucket=self.file.bucket, Prefix=prefix)
        keys = {item["Key"] for item in listing.get("Contents", [])}
        wanted = manifest_key(self.file.file_id, stage, 0)
        if wanted in keys:
            body = s3.get_object(Bucket=self.file.bucket, Key=wanted)["Body"].read()
            return MANIFESTS[stage].model_validate_json(body)
        return _FAILED if any(".failed-" in key for key in keys) else None

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self.put_at:6.2f} s"


def _detail(manifest: object) -> str:
    if isinstance(manifest, DecryptManifest):
        return f": {len(manifest.members)} members out of {' > '.join(manifest.formats)}"
    if isinstance(manifest, NormalizeManifest):
        rows = sum(each.rows.rows_out for each in manifest.curated)
        return f": {rows:,} rows in {len(manifest.curated)} Parquet objects"
    return ""
