"""How far each projection has come, and waiting until one has come far enough."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row, tuple_row

from projections.engine.shard import Shard

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.05
"""Seconds between looks while waiting."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a shard stands, or a projection as a whole: where the last of its shards does.

    `error` tells why it stopped at the event of `stopped_at_position`, if it did. `lag_seconds` is the age of the first
    event not folded, 0 where there is none; `rate` how many events of the log it passes each second, 0 for one that
    has not moved for a minute.
    """

    name: str
    shard: int
    shards: int
    position: int
    moved_at: datetime
    error: str | None
    stopped_at_position: int | None
    lag_seconds: float
    rate: float

    @property
    def part(self) -> Shard:
        return Shard(self.shard, self.shards)


_STANDINGS = """
SELECT p.name, p.shard, p.shards, p.position, p.moved_at, p.error, p.stopped_at_position,
       greatest(0, coalesce(extract(epoch FROM clock_timestamp() - next.logged_at), 0))::float8 AS lag_seconds,
       CASE WHEN p.moved_at > clock_timestamp() - interval '1 minute' THEN p.events_per_second ELSE 0 END::float8
           AS rate
FROM read.projection_position p
LEFT JOIN rujukan_events next ON next.notification_id = p.position + 1
ORDER BY p.name, p.shard
"""


def shard_standings(connection: Connection[Any]) -> list[Standing]:
    """Every shard of every projection that ever ran."""
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(_STANDINGS).fetchall()


def standings(connection: Connection[Any]) -> list[Standing]:
    """Every projection that ever ran, by name."""
    found = groupby(shard_standings(connection), key=lambda standing: standing.name)
    return [_whole(list(shards)) for _, shards in found]


def _whole(shards: list[Standing]) -> Standing:
    """The last shard, with the fault of the first that has stopped."""
    last = min(shards, key=lambda standing: standing.position)
    at_fault = next((standing for standing in shards if standing.error is not None), last)
    return replace(last, error=at_fault.error, stopped_at_position=at_fault.stopped_at_position)


def positions(connection: Connection[Any]) -> dict[str, int]:
    """The last position that every shard has folded, by projection; one that never ran is not there."""
    return {name: position for name, (position, _) in _places(connection, 0).items()}


def wait_until(
    connect: Callable[[], AbstractContextManager[Connection[Any]]],
    names: Sequence[str],
    position: int,
    timeout: float,
) -> bool:
    """Whether all these projections have come to a position, with all their shards, within `timeout` seconds.

    Takes a connection for each look and none in between. False at once where one of them has stopped before it.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        with connect() as connection:
            found = _places(connection, position)
        behind = [found.get(name, (0, False)) for name in names if found.get(name, (-1, False))[0] < position]
        if not behind:
            return True
        if any(stands_still for _, stands_still in behind) or time.monotonic() + pause > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _places(connection: Connection[Any], wanted: int) -> dict[str, tuple[int, bool]]:
    """By projection its position, and whether one of its shards has stopped before the one wanted."""
    query = (
        "SELECT name, min(position), bool_or(error IS NOT NULL AND position < %s)"
        " FROM read.projection_position GROUP BY name"
    )
    with connection.cursor(row_factory=tuple_row) as cursor:
        return {name: (position, stands_still) for name, position, stands_still in cursor.execute(query, [wanted])}
