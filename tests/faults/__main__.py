"""Try the faults and print what became of the files: ``python -m tests.faults [--slice] [WORD…]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults import matrix
from tests.faults.audit import Findings
from tests.faults.matrix import Case
from tests.faults.trial import Arena


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table."""

    stage: str
    fault: str
    findings: Findings
    seconds: float

    def text(self) -> str:
        """For a terminal."""
        found = self.findings
        heal = f"{self.seconds:6.1f}" if not found.faults else "     -"
        line = f"{self.stage:<10} {self.fault:<62} {found.lost:>5} {found.doubled:>8} {heal}"
        return "\n".join([line, *(f"           ! {fault}" for fault in found.faults)])

    def markdown(self) -> str:
        """For a document."""
        found = self.findings
        return f"| {self.stage} | {self.fault} | {found.lost} | {found.doubled} | {self.seconds:.1f} |"


def main() -> int:
    """Run, print, and tell by the exit code whether anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("words", nargs="*", help="only faults whose stage and name hold all these words")
    parser.add_argument("--slice", action="store_true", help="only what continuous integration tries")
    parser.add_argument("--list", action="store_true", help="show the faults and try none")
    parser.add_argument("--markdown", type=Path, help="write the table here too")
    parser.add_argument("--keep", type=Path, help="folder for the logs (default: a temporary one)")
    arguments = parser.parse_args()
    home = arguments.keep or Path(tempfile.mkdtemp(prefix="landfall-faults-"))
    began = time.monotonic()
    with Arena(home) as arena:
        cases = [*matrix.deaths(arena), *matrix.repeated_deaths(), *matrix.troubles()]
        chosen = [
            case
            for case in cases
            if (case.core or not arguments.slice)
            and all(word in f"{case.stage} {case.fault}" for word in arguments.words)
        ]
        if arguments.list:
            print("\n".join(f"{case.stage:<10} {case.fault}" for case in chosen))
            return 0
        print(f"{'stage':<10} {'fault':<62} {'lost':>5} {'doubled':>8} {'healed s':>6}")
        lines = [_try(arena, case) for case in chosen]
        lines.append(_recount(arena))
    bad = [line for line in lines if line.findings.faults]
    print(f"{len(lines)} faults in {time.monotonic() - began:.0f} s, {len(bad)} with findings; logs: {home}")
    if arguments.markdown is not None:
        arguments.markdown.write_text("\n".join(line.markdown() for line in lines) + "\n", encoding="utf-8")
    return 1 if bad or not chosen else 0


def _try(arena: Arena, case: Case) -> Line:
    trial = case.run(arena)
    line = Line(case.stage, case.fault, trial.findings, trial.seconds)
    print(line.text(), flush=True)
    return line


def _recount(arena: Arena) -> Line:
    """All files once more: what a later fault did to them would show now."""
    began, total = time.monotonic(), Findings()
    for landed in arena.landed:
        total.add(arena.auditor.audit(landed.sample, landed.file))
    line = Line("all", f"all {len(arena.landed)} files recounted at the end", total, time.monotonic() - began)
    print(line.text(), flush=True)
    return line


if __name__ == "__main__":
    sys.exit(main())
