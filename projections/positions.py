"""How far each projection has come, and waiting until one has come far enough."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, sql
from psycopg.rows import class_row, tuple_row

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 0.05
"""Seconds between looks while waiting."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a projection stands; `error` tells why it stopped at the event of `stopped_at_position`, if it did."""

    name: str
    position: int
    moved_at: datetime
    error: str | None
    stopped_at_position: int | None


def standings(connection: Connection[Any]) -> list[Standing]:
    """Every projection that ever ran, by name."""
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(
            "SELECT name, position, moved_at, error, stopped_at_position FROM read.projection_position ORDER BY name"
        ).fetchall()


def positions(connection: Connection[Any]) -> dict[str, int]:
    """The last position folded, by projection; one that never ran is not there."""
    return {standing.name: standing.position for standing in standings(connection)}


def wait_until(
    connect: Callable[[], AbstractContextManager[Connection[Any]]],
    names: Sequence[str],
    position: int,
    timeout: float,
) -> bool:
    """Whether all these projections have come to a position within `timeout` seconds.

    Takes a connection for each look and none in between. False at once where one of them has stopped before it.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    while True:
        with connect() as connection:
            found = {standing.name: standing for standing in standings(connection)}
        behind = [found.get(name) for name in names if name not in found or found[name].position < position]
        if not behind:
            return True
        stopped = any(standing is not None and standing.error is not None for standing in behind)
        if stopped or time.monotonic() + pause > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


class Place:
    """The row of one projection among the positions of a schema."""

    def __init__(self, name: str, schema: str = "read") -> None:
        self._name = name
        self._table = sql.Identifier(schema, "projection_position")

    def ensure(self, connection: Connection[Any]) -> int:
        """The position, 0 for a projection that never ran."""
        self._execute(connection, "INSERT INTO {} VALUES (%s, 0, now()) ON CONFLICT DO NOTHING", self._name)
        return self.get(connection)

    def get(self, connection: Connection[Any], *, lock: bool = False) -> int:
        """With `lock`, nobody moves it until the transaction ends."""
        text = "SELECT position FROM {} WHERE name = %s" + (" FOR UPDATE" if lock else "")
        with connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(sql.SQL(text).format(self._table), [self._name]).fetchone()
        return 0 if row is None else row[0]

    def move(self, connection: Connection[Any], old: int, new: int) -> bool:
        """False, without moving, where somebody else was first."""
        text = (
            "UPDATE {} SET position = %s, moved_at = now(), error = NULL, stopped_at_position = NULL"
            " WHERE name = %s AND position = %s"
        )
        return self._execute(connection, text, new, self._name, old) == 1

    def stop(self, connection: Connection[Any], at: int, error: str) -> None:
        """Makes known that the event at this position stands in the way."""
        text = "UPDATE {} SET error = %s, stopped_at_position = %s WHERE name = %s AND position < %s"
        self._execute(connection, text, error, at, self._name, at)

    def _execute(self, connection: Connection[Any], text: str, *parameters: object) -> int:
        return connection.execute(sql.SQL(text).format(self._table), parameters).rowcount
