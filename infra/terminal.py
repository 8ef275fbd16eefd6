"""How the command line talks: steps with their time, and faults on one line."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

TOLD_EVERY = 10.0
"""Seconds between lines of progress where there is no terminal to draw a bar on."""
SHOWN_AFTER = 2.0
"""Seconds after which a step that is still running is told of."""

console = Console(highlight=False, soft_wrap=True)
faults = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(message: str) -> NoReturn:
    faults.print(f"[red]rujukan:[/red] {escape(message)}")
    raise typer.Exit(1)


def warn(message: str) -> None:
    """Of what is no fault of the command, and should not be passed over."""
    faults.print(f"[yellow]rujukan:[/yellow] {escape(message)}")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Tells of a step when it takes longer than two seconds, and of how long it took."""
    begun = time.monotonic()
    timer = threading.Timer(SHOWN_AFTER, lambda: console.print(f"{name} …"))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    took = time.monotonic() - begun
    if took > SHOWN_AFTER:
        console.print(f"{name}: done in {took:.1f} s")


def table(rows: Sequence[Sequence[str]]) -> None:
    """The first row is the head. Nothing is cut off, whoever reads."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console.print(line.rstrip(), markup=False)


@contextmanager
def bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; what it yields is called with how much is done, of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


class _Rate(TextColumn):
    """How many are done each second."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


@contextmanager
def bars(unit: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar for each name that is told, with how much is done, of how much, how fast, and the time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        _Rate(),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    last = time.monotonic()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def told(name: str, done: int, of: int) -> None:
            nonlocal last
            if name not in tasks:
                tasks[name] = progress.add_task(name)
            progress.update(tasks[name], completed=done, total=of)
            if not console.is_terminal and time.monotonic() - last > TOLD_EVERY:
                last = time.monotonic()
                faults.print(f"{name}: {done:,} of {of:,} {unit}")

        yield told
