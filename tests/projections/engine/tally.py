"""A small projection for testing the machinery: how often each topic was logged, and the last one of each stream."""

from uuid import UUID

import msgspec
import psycopg

from infra.persistence import APPLICATION_ROLE
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Drop, Projection, Put, Table

COUNTS = Table("tally_counts", ("topic",), sums=("times",))
LATEST = Table("tally_latest", ("stream",))
PAIRS = Table("tally_pairs", ("stream", "position"))


class Tally(msgspec.Struct, frozen=True):
    events: int


def fold(tally: Tally | None, logged: LoggedEvent) -> tuple[Tally, list[Change]]:
    """A stream's row of its latest event goes when it was a visit."""
    tally = Tally(tally.events + 1 if tally else 1)
    latest = {"stream": logged.stream, "topic": logged.topic, "events": tally.events}
    visited = logged.topic == "household.visited.v1"
    return tally, [
        Put(COUNTS, {"topic": logged.topic, "times": 1}),
        Put(LATEST, latest),
        *([Drop(LATEST, {"stream": logged.stream})] if visited else []),
        Put(PAIRS, {"stream": logged.stream, "position": logged.position}),
    ]


def stream(logged: LoggedEvent) -> UUID | None:
    return logged.stream


TALLY = Projection("tally", (COUNTS, LATEST, PAIRS), Tally, stream, fold)


def make_tables(url: str) -> None:
    """As a migration of what the application owns makes them."""
    with psycopg.connect(url) as connection:
        connection.execute(f"SET LOCAL ROLE {APPLICATION_ROLE}")
        connection.execute("CREATE TABLE read.tally_state (key uuid PRIMARY KEY, state jsonb NOT NULL)")
        connection.execute("CREATE TABLE read.tally_counts (topic text PRIMARY KEY, times int NOT NULL)")
        connection.execute("CREATE TABLE read.tally_latest (stream uuid PRIMARY KEY, topic text NOT NULL, events int)")
        connection.execute(
            "CREATE TABLE read.tally_pairs (stream uuid, position bigint, PRIMARY KEY (stream, position))"
        )
