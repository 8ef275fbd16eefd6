"""What a run came to: as JSON, and from that the page and the table."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from tests.bench.machine import Machine
from tests.bench.measure import Kind, Measurement

TIMES = "\N{MULTIPLICATION SIGN}"
HEADINGS = ("What", "Against", "Ours", "Theirs", "Ratio", "Bar", "Met")


@dataclass
class Report:
    """`about` and `took` are by row: how it is measured, and how long that took, in seconds. A row that failed is in
    `failed`, with why."""

    machine: Machine
    scale: float
    rounds: int
    seed: int
    measurements: list[Measurement] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def short(self) -> list[Measurement]:
        """Those that do not meet their bar."""
        return [m for m in self.measurements if m.met is False]


def as_json(report: Report) -> str:
    """With ratio and verdict beside what they follow from."""
    whole = asdict(report)
    for written, m in zip(whole["measurements"], report.measurements, strict=True):
        written |= {"our_median": m.our_median, "their_median": m.their_median, "ratio": m.ratio, "met": m.met}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def read_json(text: str) -> Report:
    """The inverse of `as_json`: ratios and verdicts are worked out anew."""
    whole = json.loads(text)
    measurements = [_measurement(found) for found in whole.pop("measurements")]
    return Report(machine=Machine(**whole.pop("machine")), measurements=measurements, **whole)


def _measurement(found: Mapping[str, Any]) -> Measurement:
    lists = {name: tuple(found[name]) for name in ("ours", "theirs", "notes")}
    plain = {name: found[name] for name in ("row", "name", "unit", "against", "bar")}
    return Measurement(**plain, **lists, kind=Kind(found["kind"]))


def table(measurements: Iterable[Measurement]) -> Table:
    """For a terminal."""
    shown = Table(*HEADINGS, title="Medians of alternating rounds")
    for m in measurements:
        colour = {True: "green", False: "red", None: "dim"}[m.met]
        shown.add_row(*cells(m), style=colour)
    return shown


def cells(m: Measurement) -> tuple[str, ...]:
    verdict = {True: "yes", False: "**no**", None: ""}[m.met]
    theirs = "" if m.their_median is None else f"{number(m.their_median)} {m.unit}"
    ratio = "" if m.ratio is None else f"{number(m.ratio)}{TIMES}"
    return m.name, m.against, f"{number(m.our_median)} {m.unit}", theirs, ratio, bar(m), verdict


def bar(m: Measurement) -> str:
    if m.bar is None:
        return ""
    form = {
        Kind.RATIO_AT_LEAST: f"≥ {m.bar:g}{TIMES}",
        Kind.RATIO_AT_MOST: f"≤ {m.bar:g}{TIMES}",
        Kind.OURS_AT_MOST: f"≤ {m.bar:g} {m.unit}",
    }
    return form.get(m.kind, "")


def number(value: float) -> str:
    """Three figures that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def write(report: Report, folder: Path, page: str) -> None:
    """`benchmarks.json` and beside it `benchmarks.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.json").write_text(as_json(report), encoding="utf-8")
    (folder / "benchmarks.md").write_text(page, encoding="utf-8")
