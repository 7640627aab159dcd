"""Try the faults and print what became of the files: ``python -m tests.faults [--slice] [WORD…]``."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from itertools import dropwhile
from pathlib import Path

from tests.faults import matrix
from tests.faults.incidents import incidents
from tests.faults.matrix import Case
from tests.faults.replays import replays
from tests.faults.report import HEADING, Line, document
from tests.faults.storms import storms
from tests.faults.trial import Arena
from tests.faults.troubles import troubles
from tests.permissions.unseen import SEEN_IN_FAULTS


def main() -> int:
    """Run, print, and tell by the exit code whether anything was lost, doubled or not allowed by a role."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("words", nargs="*", help="only faults whose stage and name hold all these words")
    parser.add_argument("--slice", action="store_true", help="only what continuous integration tries")
    parser.add_argument("--begin", metavar="FAULT", default="", help="skip all before this one")
    parser.add_argument("--list", action="store_true", help="show the faults and try none")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of what is left to chance")
    parser.add_argument("--document", type=Path, help="put the table into this Markdown file")
    parser.add_argument("--logs", type=Path, help="where to make the folder of the logs")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the stack and its services end with it
    home = Path(tempfile.mkdtemp(prefix="landfall-faults-", dir=arguments.logs))
    began = time.monotonic()
    with Arena(home) as arena:
        every = [
            *matrix.deaths(arena),
            *matrix.repeated_deaths(),
            *troubles(),
            *incidents(),
            *replays(),
            *storms(arguments.seed),
        ]
        for fault in SEEN_IN_FAULTS.values():
            assert any(case.fault.startswith(fault) for case in every), f"{fault}: cited, but not there"
        chosen = [
            case
            for case in every
            if (case.core or not arguments.slice)
            and all(word in f"{case.stage} {case.fault}" for word in arguments.words)
        ]
        chosen = list(dropwhile(lambda case: arguments.begin not in case.fault, chosen))
        if arguments.list:
            print("\n".join(f"{case.stage:<10} {case.fault}" for case in chosen))
            return 0
        print(HEADING)
        lines: list[Line] = []
        try:
            lines += (attempt(arena, case) for case in chosen)
            lines.append(_recount(arena))
        finally:  # an interrupted run says what it did
            bad = sum(bool(line.findings.faults) for line in lines)
            tried = min(len(lines), len(chosen))
            minutes = (time.monotonic() - began) / 60
            took = f"{tried} of {len(chosen)} faults in {minutes:.0f} minutes, {bad} with findings"
            print(f"{took}; logs: {home}")
            if arguments.document is not None:
                document(arguments.document, f"{took} (seed {arguments.seed})", lines)
    late = [*arena.refusals(), *arena.ledger.silence()]  # services that end may have made the last calls
    print(*late, _written_down(arena, home / "calls.txt"), sep="\n")
    return 1 if bad or arena.ledger.verdict() or not chosen else 0


def _written_down(arena: Arena, file: Path) -> str:
    """What was asked of AWS in the whole run: how much, and where it can be read."""
    refused = len(arena.ledger.complaints)
    calls = [f"{name}: {call}" for name, made in arena.ledger.calls.items() for call in made]
    file.write_text("\n".join([*sorted(calls), ""]), encoding="utf-8")
    return f"{len(calls)} different calls of AWS, {refused} that no role allows: {file}"


def attempt(arena: Arena, case: Case) -> Line:
    """Try one fault and say at once what became of it."""
    trial = case.run(arena)
    trial.findings.faults += arena.refusals()  # AWS would have refused what the trial took for granted
    trial.findings.faults += [
        f"shows no {action} of the {role}, which it is cited for"
        for (role, sid, action), fault in SEEN_IN_FAULTS.items()
        if case.fault.startswith(fault) and (role, sid, action) in arena.ledger.unused(role)
    ]
    return _told(Line(case.stage, case.fault, trial.findings, trial.seconds))


def _recount(arena: Arena) -> Line:
    began, total = time.monotonic(), arena.recount()
    name = f"all {len(arena.landed)} files recounted at the end"
    return _told(Line("all", name, total, time.monotonic() - began))


def _told(line: Line) -> Line:
    print(line.text(), flush=True)
    return line


if __name__ == "__main__":
    sys.exit(main())
