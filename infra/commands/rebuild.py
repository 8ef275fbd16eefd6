"""`rujukan rebuild`: makes projections anew from the log, or compares them with what the log says."""

import json
from collections.abc import Sequence
from typing import Any

import typer

from infra.bootstrap import Composed
from infra.commands.naming import named
from infra.rebuild_workers import WorkerLost, Workers
from infra.terminal import bars, console, fail
from projections.engine import rebuild as rebuilding
from projections.engine.comparing import Differences
from projections.engine.place import NEAR, Divided
from projections.engine.positions import positions
from projections.engine.projection import Projection
from projections.engine.rebuild import RebuildRunning
from projections.engine.runner import Stopped
from projections.engine.switching import Busy

SHOWN = 20
"""Differences printed; the count tells of the rest."""


def rebuild(whole: Composed, names: Sequence[str], *, check: bool, workers: int) -> None:
    """Exits with 1 where a check finds a difference."""
    projections = named(names)
    together = ", ".join(p.name for p in projections)
    fold = Workers(whole.url, workers) if workers > 1 else None
    work = rebuilding.check if check else rebuilding.rebuild
    try:
        with bars("events") as progress:
            found = work(whole.connect, whole.recorder, projections, progress, workers=workers, fold=fold)
    except (RebuildRunning, Stopped, Divided, Busy, WorkerLost) as fault:
        fail(str(fault))
    except KeyboardInterrupt:
        console.print("Cut short. What was folded is kept: the same command goes on with it.")
        raise typer.Exit(130) from None
    if not found:
        console.print(f"No difference in {together}.")
    else:
        _show(found)
    if not check:
        console.print(f"Made anew: {together}.")
        return
    _tell_what_was_not_compared(whole, projections)
    if found:
        raise typer.Exit(1)


def _tell_what_was_not_compared(whole: Composed, projections: Sequence[Projection[Any]]) -> None:
    """What the live tables have yet to fold is no difference, and may be all there is."""
    head = whole.recorder.head()
    with whole.connect() as connection:
        reached = positions(connection)
    for projection in projections:
        at = reached.get(projection.name, 0)
        if at < head - NEAR:
            console.print(f"{projection.name} stands at {at:,} of {head:,}: what comes behind that was not compared.")


def _show(found: Differences) -> None:
    for difference in found[:SHOWN]:
        console.print(f"{difference.table} {json.dumps(difference.key, default=str)}", style="bold", markup=False)
        console.print(f"  live   {json.dumps(difference.live, default=str)}", markup=False)
        console.print(f"  aside  {json.dumps(difference.aside, default=str)}", markup=False)
    for table, count in sorted(found.counts.items()):
        console.print(f"{table}: {count:,} rows differ.")
    console.print(f"{found.counts.total()} differences.")
