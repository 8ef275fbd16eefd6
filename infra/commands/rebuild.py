"""`rujukan rebuild`: makes projections anew from the log, or compares them with what the log says."""

import json
from collections.abc import Sequence
from typing import Any

import typer

from infra.bootstrap import Composed
from infra.commands.naming import named
from infra.terminal import bar, console, fail
from projections import rebuild as rebuilding
from projections.rebuild import RebuildRunning
from projections.runner import Stopped

SHOWN = 20
"""Differences printed; the count tells of the rest."""


def rebuild(whole: Composed, names: Sequence[str], *, check: bool) -> None:
    """Exits with 1 where a check finds a difference."""
    projections = named(names)
    try:
        with bar("Reading the log") as progress:
            if not check:
                rebuilding.rebuild(whole.connect, whole.recorder, projections, _told(progress))
                console.print(f"Made anew: {', '.join(p.name for p in projections)}.")
                return
            found = rebuilding.check(whole.connect, whole.recorder, projections, _told(progress))
    except (RebuildRunning, Stopped) as fault:
        fail(str(fault))
    if not found:
        console.print(f"No difference in {', '.join(p.name for p in projections)}.")
        return
    for difference in found[:SHOWN]:
        console.print(f"{difference.table} {json.dumps(difference.key, default=str)}", style="bold")
        console.print(f"  live   {json.dumps(difference.live, default=str)}")
        console.print(f"  aside  {json.dumps(difference.aside, default=str)}")
    console.print(f"{len(found)} differences.")
    raise typer.Exit(1)


def _told(progress: Any) -> rebuilding.Progress:
    return lambda _name, position, target: progress(position, target)
