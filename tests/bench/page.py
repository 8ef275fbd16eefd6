"""The page `docs/benchmarks.md`, made from the figures of a run."""

from collections.abc import Iterator

from tests.bench.measure import Measurement
from tests.bench.report import HEADINGS, Report, cells, number

INTRODUCTION = """# Benchmarks

Made by `make bench`, from `benchmarks.json` beside it; do not edit. Both sides of a line were measured in the same run
on the same machine, in turn (ours, theirs, ours, theirs, …), and the figures are the medians of the rounds.
`make bench` ends with an error while a bar is not met. Ratios carry from machine to machine better than figures do."""


def page(report: Report) -> str:
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield INTRODUCTION
    yield ""
    yield from _verdict(report)
    yield ""
    yield from _table(report.measurements)
    yield ""
    yield "## Measured on"
    yield ""
    yield from _machine(report)
    if report.left_out:
        yield ""
        yield "## Not measured yet"
        yield ""
        yield from (f"- {what}: {why}" for what, why in report.left_out.items())
    yield ""
    yield "## How"
    for row, about in report.about.items():
        yield ""
        yield f"### {_titled(about)}"
        yield ""
        yield from _told(report, row, about)


def _verdict(report: Report) -> Iterator[str]:
    barred = [m for m in report.measurements if m.met is not None]
    yield f"{len(barred) - len(report.short)} of {len(barred)} bars are met."
    for m in report.short:
        yield f"- Falls short: {m.name}."
    for row, why in report.failed.items():
        yield f"- Could not be measured: {row} ({why})."
    if report.scale != 1:
        yield f"- A trial at scale {report.scale:g}: the bars are meant for scale 1."


def _table(measurements: list[Measurement]) -> Iterator[str]:
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"|{'---|' * len(HEADINGS)}"
    yield from (f"| {' | '.join(cells(m))} |" for m in measurements)


def _machine(report: Report) -> Iterator[str]:
    m = report.machine
    yield f"- {m.cores} cores, {m.processor}; {m.memory_gib:g} GiB of memory; {m.system}"
    yield f"- Python {m.python}, PostgreSQL {m.postgresql} (embedded, durable; defaults but for 200 connections)"
    yield f"- {', '.join(f'{name} {version}' for name, version in m.packages.items())}"
    yield f"- commit {m.commit}, {m.measured_at}; scale {report.scale:g}, {report.rounds} rounds, seed {report.seed}"
    yield f"- {number(sum(report.took.values()) / 60)} minutes in all"


def _titled(about: str) -> str:
    return about.partition("\n")[0].rstrip(".")


def _told(report: Report, row: str, about: str) -> Iterator[str]:
    """The row's own account, then each line's rounds."""
    yield about.partition("\n")[2].strip()
    yield ""
    for m in (m for m in report.measurements if m.row == row):
        yield f"- {m.name}, in {m.unit}: ours {_rounds(m.ours)}{f'; theirs {_rounds(m.theirs)}' if m.theirs else ''}"
        yield from (f"  - {note}" for note in m.notes)


def _rounds(values: tuple[float, ...]) -> str:
    return ", ".join(number(value) for value in values)
