"""`rujukan status`: what runs, and how far each projection is. It starts nothing."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

import psycopg
import typer
from rich.table import Table

from infra.database import running_database
from infra.kafka.broker import on_its_way, running
from infra.kafka.clients import proves
from infra.place import HOST, announcement
from infra.settings import Settings
from infra.terminal import console
from projections import log_signing, partners
from projections.catalogue import PROJECTIONS
from projections.engine.follower import followers
from projections.engine.positions import Standing, shard_standings
from projections.log_signing import Signing
from projections.partners import Partner

PATIENCE = 3.0
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""By no proxy: what is asked is on this machine."""


@dataclass(frozen=True, slots=True)
class Progress:
    head: int
    standings: list[Standing]
    signing: Signing
    partners: list[Partner]
    """Those that read from Kafka."""
    followed: dict[str, int]
    """How many processes follow each projection."""


def status(settings: Settings) -> None:
    """Exits with 1 where something does not run, a projection has stopped or is followed by nobody, or the log is not
    signed."""
    url = running_database(settings)
    progress, silent = _progress(url) if url is not None else (None, "does not run")
    api = _api(settings)
    table = Table("", "", title="What runs", title_justify="left", show_header=False)
    table.add_row("data directory", str(settings.home))
    table.add_row("PostgreSQL", silent if progress is None else "answers")
    table.add_row("Kafka", _kafka(settings, up=api is not None))
    table.add_row("API", api or "does not run")
    table.add_row("clock", "with the API" if api else "does not run")
    console.print(table)
    if progress is None:
        raise typer.Exit(1)
    well = _projections(progress)
    if progress.partners:
        console.print(_partners(progress.partners))
    console.print(_signed(progress.signing), markup=False, soft_wrap=True)
    if not (well and api) or progress.signing.refused is not None:
        raise typer.Exit(1)


def _projections(progress: Progress) -> bool:
    """A projection that is divided is told by its shards."""
    columns = ("projection", "position", "behind", "seconds behind", "events/s", "state")
    table = Table(*columns, title=f"Log at {progress.head:,}", title_justify="left")
    for projection in PROJECTIONS:
        found = [standing for standing in progress.standings if standing.name == projection.name]
        if not found:
            table.add_row(projection.name, "0", f"{progress.head:,}", "", "", "never ran")
        for standing in found:
            table.add_row(*_told(standing, progress.head, progress.followed[standing.name]))
    console.print(table)
    return all(standing.error is None for standing in progress.standings) and all(progress.followed.values())


def _told(standing: Standing, head: int, followers: int) -> tuple[str, ...]:
    return (
        standing.name + (f" {standing.part}" if standing.shards > 1 else ""),
        f"{standing.position:,}",
        f"{max(0, head - standing.position):,}",
        f"{standing.lag_seconds:,.1f}",
        f"{standing.rate:,.0f}",
        f"stopped at {standing.stopped_at_position}: {standing.error}" if standing.error else _followed_by(followers),
    )


def _partners(partners: list[Partner]) -> Table:
    """One that is not reached is its agency's matter, and no fault of what runs here."""
    table = Table("partner", "waiting", "seconds", "state", title="Partners on Kafka", title_justify="left")
    for partner in partners:
        state = "reached" if partner.error is None else f"not reached: {partner.error}"
        table.add_row(partner.name or str(partner.agency), f"{partner.messages:,}", f"{partner.seconds:,.1f}", state)
    return table


def _signed(signing: Signing) -> str:
    behind = f", {signing.lag:,} behind for {signing.lag_seconds:,.1f} seconds" if signing.lag else ""
    told = f"The log is signed up to position {signing.position:,}{behind}."
    if signing.refused is None or signing.since is None:
        return told
    since = signing.since.isoformat(timespec="seconds")
    return f"{told} Nothing more is signed since {since}: {signing.refused}"


def _followed_by(followers: int) -> str:
    match followers:
        case 0:
            return "followed by nobody"
        case 1:
            return "followed"
    return f"followed by {followers}"


def _progress(url: str) -> tuple[Progress | None, str]:
    """What there is, or why not."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM rujukan_events").fetchone()
            known = followers(connection, [projection.name for projection in PROJECTIONS])
            followed = {name: len(sessions) for name, sessions in known.items()}
            head = row[0] if row else 0
            active = [partner for partner in partners.standings(connection) if partner.revoked_at is None]
            signing = log_signing.standing(connection)
            return Progress(head, shard_standings(connection), signing, active, followed), ""
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return None, "answers, but has no schema yet: run rujukan migrate"
    except psycopg.Error as fault:
        return None, f"does not answer: {(str(fault).splitlines() or [''])[0]}"


def _kafka(settings: Settings, *, up: bool) -> str:
    """Where it answers, of a cluster of one's own as it is set; `up` may have left it out."""
    cluster = settings.kafka_access
    if cluster is not None:
        return f"{cluster} ({'answers' if proves(cluster) else 'does not answer'})"
    found = running(settings.home)
    if found is not None:
        return str(found)
    if on_its_way(settings.home):
        return "on its way"
    return "left out" if up else "does not run"


def _api(settings: Settings) -> str | None:
    """Where the API answers, if it does."""
    found = announcement(settings.home)
    if found is None:
        return None
    address = f"http://{HOST}:{found['port']}"
    try:
        with DIRECTLY.open(f"{address}/readyz", timeout=PATIENCE) as answer:
            ready = answer.status == 200
    except urllib.error.HTTPError:
        ready = False
    except (OSError, ValueError, json.JSONDecodeError):
        return None
    return f"{address} (process {found['pid']}{'' if ready else ', not ready'})"
