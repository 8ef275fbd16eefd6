"""`make bench`: measures every row, shows the table, writes the figures and the page, and fails below a bar."""

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console

from tests.bench.bench import Bench, bench
from tests.bench.machine import ROOT, machine
from tests.bench.page import page
from tests.bench.report import Report, read_json, table, write
from tests.bench.rows import LEFT_OUT, ROWS, about, measure_of

SEED = 2026
ROUNDS = 3
DOCS, TRIALS = ROOT / "docs", ROOT / "var" / "bench"
console = Console(highlight=False, soft_wrap=True)


def main(words: list[str] | None = None) -> int:
    """The exit status: 0 where every bar is met and every row could be measured."""
    asked = _arguments().parse_args(words)
    if asked.page is not None:
        write(report := read_json(asked.page.read_text(encoding="utf-8")), asked.page.parent, page(report))
        return 0
    rows = asked.only or list(ROWS)
    whole = asked.scale == 1 and set(rows) == set(ROWS)
    folder = asked.out or (DOCS if whole else TRIALS)
    with bench(asked.scale, asked.rounds, asked.seed, lambda text: console.print(f"  {text}", style="dim")) as place:
        report = Report(machine(place.server), asked.scale, asked.rounds, asked.seed, left_out=LEFT_OUT)
        for number, row in enumerate(rows, start=1):
            console.print(f"[bold]{row}[/bold] ({number} of {len(rows)})")
            _measure(place, row, report)
    write(report, folder, page(report))
    console.print(table(report.measurements))
    console.print(f"Written to {_shown(folder)}/benchmarks.md and .json; {sum(report.took.values()) / 60:.1f} minutes.")
    for m in report.short:
        console.print(f"[red]Falls short:[/red] {m.name}")
    for row, why in report.failed.items():
        console.print(f"[red]Could not be measured:[/red] {row} ({why})")
    return 1 if report.short or report.failed else 0


def _measure(place: Bench, row: str, report: Report) -> None:
    """A row that fails is told of, and the others are measured all the same."""
    began = time.perf_counter()
    report.about[row] = about(row)
    try:
        report.measurements += measure_of(row)(place)
    except Exception as fault:
        console.print_exception(max_frames=8)
        lines = str(fault).splitlines() or [""]
        report.failed[row] = f"{type(fault).__name__}: {lines[0]}"
    report.took[row] = time.perf_counter() - began


def _shown(folder: Path) -> Path:
    return folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=ROWS, help="one row; may be given again")
    parser.add_argument("--scale", type=_scale, default=1.0, help="above 0, up to 1, which the bars are meant for")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"of each side; {ROUNDS} unless given")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, help="where to write; docs for a whole run at full scale, else var/bench")
    parser.add_argument("--page", type=Path, metavar="JSON", help="only make the page anew from these figures")
    return parser


def _scale(text: str) -> float:
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("must be above 0 and at most 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
