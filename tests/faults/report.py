"""The table of what became of the files: line by line on a terminal, and fault by stage in a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.stages import Stage
from tests.faults.audit import Findings

HEADING = f"{'stage':<10} {'fault':<62} {'lost':>5} {'doubled':>8} {'healed in':>10}"
_BEGIN, _END = "<!-- faults: written by `make faults` -->", "<!-- end of faults -->"


@dataclass(frozen=True, slots=True)
class Line:
    """What one fault in one stage did."""

    stage: str
    fault: str
    findings: Findings
    seconds: float

    def text(self) -> str:
        """For a terminal."""
        found = self.findings
        healed = f"{self.seconds:.1f} s" if not found.faults else "not"
        line = f"{self.stage:<10} {self.fault:<62} {found.lost:>5} {found.doubled:>8} {healed:>10}"
        return "\n".join([line, *(f"           ! {fault}" for fault in found.faults)])

    @property
    def cell(self) -> str:
        """For a table: lost, doubled, seconds to heal."""
        found = self.findings
        healed = f"{self.seconds:.1f} s" if not found.faults else "**not healed**"
        return f"{found.lost} / {found.doubled} / {healed}"


def document(file: Path, took: str, lines: Sequence[Line]) -> None:
    """Replace the table between the marks in a Markdown file."""
    text = file.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    table = "\n".join(
        [_BEGIN, "", f"{took}. A cell: lost / doubled / healed in.", "", *_table(lines), "", _END]
    )
    file.write_text(before + table + after, encoding="utf-8")


def _table(lines: Sequence[Line]) -> list[str]:
    columns = [*(stage.value for stage in Stage), "all"]
    cells: dict[str, dict[str, str]] = {}
    for line in lines:
        cells.setdefault(line.fault, {})[line.stage] = line.cell
    rows = [[fault, *(found.get(column, "") for column in columns)] for fault, found in cells.items()]
    heads = ["Fault", *columns]
    return [f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows]]
