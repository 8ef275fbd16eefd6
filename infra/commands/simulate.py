"""`rujukan simulate`: fills an empty log with years in the lives of many households, or goes on with that."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from infra.bootstrap import Composed
from infra.commands.up import Interrupted, Interruption
from infra.simulation import running
from infra.simulation.begun import SimulationError
from infra.terminal import console, fail

INTERRUPTED = 130


def check(households: int, years: int, workers: int | None) -> None:
    """Ends with what is wrong on one line, before anything is started."""
    try:
        running.check(households, years, workers)
    except SimulationError as fault:
        fail(str(fault))


def simulate(
    whole: Composed, *, households: int, years: int, seed: int | None, today: date | None, workers: int | None
) -> None:
    """Exits with 130 where it was interrupted; the same command goes on then."""
    interruption = Interruption()
    try:
        with _bar() as progress:
            summary = running.simulate(
                whole,
                households=households,
                years=years,
                seed=running.SEED if seed is None else seed,
                today=today,
                workers=workers,
                progress=progress,
            )
        interruption.over()
    except SimulationError as fault:
        fail(str(fault))
    except Interrupted:
        console.print("Stopped; the same command goes on with what is there.")
        raise typer.Exit(INTERRUPTED) from None
    console.print(
        f"The first {households:,} households have {years} years up to {summary.today}: {summary.events:,} events"
        f" added, and the log holds {summary.position:,}."
    )


@contextmanager
def _bar() -> Iterator[running.Progress]:
    """Households as a bar; events so far, their rate and the time left beside it."""
    columns = (
        TextColumn("Simulating"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,} households"),
        TextColumn("{task.fields[events]:,} events, {task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=0, events=0, rate=0.0)

        def tell(done: int, wanted: int, events: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(task, completed=done, total=wanted, events=events, rate=events / max(elapsed, 1.0))

        yield tell
