"""Puts the tables of a rebuild in the place of the live ones, between two reads."""

import time
from collections.abc import Callable
from typing import Any

from psycopg import Connection, errors, sql

from projections.engine.aside import ASIDE, LIVE, forgotten, tables_of
from projections.engine.place import alone, divide, held
from projections.engine.projection import Projection
from projections.engine.shard import division

LOCK_WAIT = "100ms"
"""How long new readers wait behind this at most, before it lets them pass and tries again."""
ATTEMPTS = 10
BETWEEN = 0.05
LONGEST_PAUSE = 5.0
PATIENCE = 3600.0
"""Seconds: between attempts; the longest between rounds of them, in which live runners go on; and in all."""


class Busy(Exception):
    """Somebody kept reading the tables for as long as there is patience."""

    def __init__(self, projection: str) -> None:
        super().__init__(f"The tables of {projection} were being read all the time; they are as they were.")


class _Read(Exception):
    """The tables are being read."""


def switched(connection: Connection[Any], projection: Projection[Any], catch_up: Callable[[int], int]) -> int:
    """The position at which the new tables took over, in one short transaction.

    `catch_up` brings the new tables to the end of the log, at least to the position that it is given, and returns it.
    Live runners wait meanwhile. A reader sees the old tables or the new, and waits for a moment at most: where the
    tables are being read for longer, this waits, and lets all others pass. Raises `Busy`.
    """
    deadline = time.monotonic() + PATIENCE
    pause = BETWEEN
    while True:
        try:
            with connection.transaction():
                alone(connection, projection.name)
                places = held(connection, projection.name)
                position = catch_up(max(places.values(), default=0))
                _lock(connection, projection)
                for table in tables_of(projection):
                    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(LIVE, table.name)))
                    connection.execute(
                        sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(
                            sql.Identifier(ASIDE, table.name), sql.Identifier(LIVE)
                        )
                    )
                divide(connection, projection.name, division(len(places) or 1), position)
                forgotten(connection, projection)
                return position
        except _Read:
            if time.monotonic() + pause > deadline:
                raise Busy(projection.name) from None
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _lock(connection: Connection[Any], projection: Projection[Any]) -> None:
    """All tables at once. Raises `_Read`."""
    tables = sql.SQL(", ").join(sql.Identifier(LIVE, table.name) for table in tables_of(projection))
    for _ in range(ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(LOCK_WAIT)))
                connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(tables))
                return
        except errors.LockNotAvailable:
            time.sleep(BETWEEN)
    raise _Read
