"""From S3 to S3 by the fast way, which the emulator does not offer, with every byte checked."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.unit.decryptor.gpg_sender import NEEDS_GPG

CASES = ["plain", "s3ec-v3", "zip in esdk, staged"]


@NEEDS_GPG
def test_what_is_uploaded_is_what_was_landed() -> None:
    """The benchmark at its smallest: two parts a file; it ends with an error where a byte is wrong."""
    chosen = [option for case in CASES for option in ("--case", case)]
    command = [sys.executable, "-m", "tests.benchmarks.decrypting", "--mib", "20", "--json", *chosen]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert [json.loads(line)["case"] for line in done.stdout.splitlines()] == CASES
    assert done.stderr == ""
