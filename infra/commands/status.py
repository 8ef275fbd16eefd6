"""`rujukan status`: what runs, and how far each projection is. It starts nothing."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

import psycopg
import typer
from rich.table import Table

from infra.database import running_database
from infra.place import HOST, announcement
from infra.settings import Settings
from infra.terminal import console
from projections.catalogue import PROJECTIONS
from projections.positions import Standing, standings

PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Progress:
    head: int
    standings: dict[str, Standing]


def status(settings: Settings) -> None:
    """Exits with 1 where something does not run, or a projection has stopped."""
    url = running_database(settings)
    progress = _progress(url) if url is not None else None
    api = _api(settings)
    table = Table("", "", title="What runs", title_justify="left", show_header=False)
    table.add_row("PostgreSQL", "answers" if progress is not None else "does not run")
    table.add_row("API", api or "does not run")
    table.add_row("projections and clock", "with the API" if api else "do not run")
    console.print(table)
    if progress is None:
        raise typer.Exit(1)
    well = _projections(progress)
    if not (well and api):
        raise typer.Exit(1)


def _projections(progress: Progress) -> bool:
    table = Table("projection", "position", "behind", "state", title=f"Log at {progress.head:,}", title_justify="left")
    well = True
    for projection in PROJECTIONS:
        found = progress.standings.get(projection.name)
        position = found.position if found else 0
        state = "follows" if found else "never ran"
        if found is not None and found.error is not None:
            state, well = f"stopped at {found.stopped_at_position}: {found.error}", False
        table.add_row(projection.name, f"{position:,}", f"{progress.head - position:,}", state)
    console.print(table)
    return well


def _progress(url: str) -> Progress | None:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM rujukan_events").fetchone()
            return Progress(row[0] if row else 0, {s.name: s for s in standings(connection)})
    except psycopg.Error:
        return None


def _api(settings: Settings) -> str | None:
    """Where the API answers, if it does."""
    found = announcement(settings.home)
    if found is None:
        return None
    address = f"http://{HOST}:{found['port']}"
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=PATIENCE) as answer:
            ready = answer.status == 200
    except urllib.error.HTTPError:
        ready = False
    except (OSError, ValueError, json.JSONDecodeError):
        return None
    return f"{address} (process {found['pid']}{'' if ready else ', not ready'})"
