"""A damaged row costs that row through ``landfall decrypt`` and ``landfall normalize``, wherever it is."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest

from landfall.cli import main
from services.decryptor.formats.plain_text import is_text
from services.decryptor.streams import HEAD_BYTES
from tests.unit.normalizer.normalizing import recipe_of, run

COLUMNS = "Id: {type: bigint, required: true}\nText: string"
RECIPE = """
dataset: things
version: 1
mode: append
match: [things]
max_rejected: 0.5
columns:
  Id: {type: bigint, required: true}
"""
ROWS = 3000  # some 100 KiB: their end is behind what the decryptor looks at
WAYS = {
    "utf-8": (b"", "utf-8", b"\xff", "bad_encoding"),
    "utf-8, a NUL": (b"", "utf-8", b"\0", "nul_byte"),
    "utf-8 with a mark": (codecs.BOM_UTF8, "utf-8", b"\xc3", "bad_encoding"),
    "utf-16-le": (b"", "utf-16-le", b"\x3d\xd8", "bad_encoding"),
    "utf-16-le with a mark": (codecs.BOM_UTF16_LE, "utf-16-le", b"\x3d\xd8", "bad_encoding"),
    "utf-16-be": (b"", "utf-16-be", b"\xdc\x00", "bad_encoding"),
    "utf-16-be with a mark": (codecs.BOM_UTF16_BE, "utf-16-be", b"\xdc\x00", "bad_encoding"),
    "utf-16, a NUL": (codecs.BOM_UTF16_LE, "utf-16-le", b"\0\0", "nul_byte"),
    "cp1252": (b"", "cp1252", b"\x81", "bad_encoding"),
    "iso-8859-1": (b"", "iso-8859-1", b"\0", "nul_byte"),
}
EVERY_WAY = pytest.mark.parametrize(("mark", "codec", "damage", "reason"), WAYS.values(), ids=WAYS)


def content(mark: bytes, codec: str, damage: bytes, damaged: int) -> bytes:
    """A file of two columns with the one row damaged."""
    lines = [f"{number},Zoë says {number * 7919 % 1000:020d}".encode(codec) for number in range(1, ROWS + 1)]
    lines[damaged - 1] += damage
    return mark + "\r\n".encode(codec).join(["Id,Text".encode(codec), *lines, b""])


@pytest.mark.parametrize("damaged", [1, 2, ROWS // 2, ROWS])
@EVERY_WAY
def test_both_services_hold_to_one_rule(
    mark: bytes, codec: str, damage: bytes, reason: str, damaged: int
) -> None:
    file = content(mark, codec, damage, damaged)
    stated = {"encoding": codec} if codec in ("cp1252", "iso-8859-1") else {}

    outcome = run(file, recipe_of(COLUMNS, **stated))

    assert is_text(file[:HEAD_BYTES], complete=False)
    assert [reject[:2] for reject in outcome.rejects] == [(damaged + 1, reason)]
    assert len(outcome.rows) == ROWS - 1


@pytest.mark.parametrize("way", ["utf-8, a NUL", "utf-16-le with a mark", "utf-16-be"])
def test_the_commands_cost_the_row_alone(
    way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mark, codec, damage, reason = WAYS[way]
    (tmp_path / "things.csv").write_bytes(content(mark, codec, damage, 1))
    (tmp_path / "things.yaml").write_text(RECIPE)
    out = tmp_path / "out"

    assert main(["decrypt", str(tmp_path / "things.csv"), "--out", str(out)]) == 0
    capsys.readouterr()
    normalize = ["normalize", str(out / "things.csv"), "--recipe", str(tmp_path / "things.yaml")]
    assert main([*normalize, "--out", str(tmp_path / "curated"), "--json"]) == 0

    result = json.loads(capsys.readouterr().out)
    assert (result["rows_out"], result["rejected_by_reason"]) == (ROWS - 1, {reason: 1})
