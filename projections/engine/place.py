"""The place of one shard of a projection in the log: read, moved and divided anew by those who fold it."""

from typing import Any

from psycopg import Connection, sql
from psycopg.rows import tuple_row

from projections.engine.shard import WHOLE, Shard, division

NEAR = 1_000
"""Positions that live runners can be made to wait for."""


class Divided(Exception):
    """The projection has another number of shards than was thought: `into` so many."""

    def __init__(self, projection: str, into: int) -> None:
        super().__init__(f"{projection} is divided into {into} shards.")
        self.projection = projection
        self.into = into


class Place:
    """The row of one shard among the positions of a schema."""

    def __init__(self, name: str, schema: str = "read", shard: Shard = WHOLE) -> None:
        self._name = name
        self._shard = shard
        self._table = sql.Identifier(schema, "projection_position")

    def ensure(self, connection: Connection[Any]) -> int:
        """The position, 0 for a projection that never ran. Raises `Divided` where there are other shards."""
        found = self._find(connection)
        if found is None:
            with connection.transaction():
                alone(connection, self._name)
                if division_of(connection, self._name, self._table) == 0:
                    divide(connection, self._name, division(self._shard.of), 0, self._table)
            found = self._find(connection)
        if found is None:
            raise Divided(self._name, division_of(connection, self._name, self._table))
        return found

    def get(self, connection: Connection[Any]) -> int:
        """Raises `Divided` where this shard is no more."""
        found = self._find(connection)
        if found is None:
            raise Divided(self._name, division_of(connection, self._name, self._table))
        return found

    def move(
        self, connection: Connection[Any], old: int, new: int, *, changed: int | None = None, rate: float = 0.0
    ) -> bool:
        """False, without moving, where somebody else was first. `changed` is the last event passed that mattered."""
        text = (
            "UPDATE {} SET position = %s, events_per_second = %s, moved_at = now(), error = NULL,"
            " stopped_at_position = NULL, changed = coalesce(%s, changed),"
            " changed_at = CASE WHEN %s::bigint IS NULL THEN changed_at ELSE clock_timestamp() END"
            " WHERE name = %s AND shard = %s AND shards = %s AND position = %s"
        )
        return self._execute(connection, text, new, rate, changed, changed, *self._key, old) == 1

    def stop(self, connection: Connection[Any], at: int, error: str) -> None:
        """Makes known that the event at this position stands in the way."""
        text = (
            "UPDATE {} SET error = %s, stopped_at_position = %s, events_per_second = 0"
            " WHERE name = %s AND shard = %s AND shards = %s AND position < %s"
        )
        self._execute(connection, text, error, at, *self._key, at)

    @property
    def _key(self) -> tuple[str, int, int]:
        return self._name, self._shard.number, self._shard.of

    def _find(self, connection: Connection[Any]) -> int | None:
        query = sql.SQL("SELECT position FROM {} WHERE name = %s AND shard = %s AND shards = %s").format(self._table)
        with connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(query, self._key).fetchone()
        return None if row is None else row[0]

    def _execute(self, connection: Connection[Any], text: str, *parameters: object) -> int:
        return connection.execute(sql.SQL(text).format(self._table), parameters).rowcount


LIVE = sql.Identifier("read", "projection_position")


def alone(connection: Connection[Any], name: str) -> None:
    """Until the transaction ends, nobody else divides this projection."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"division of {name}"])


def division_of(connection: Connection[Any], name: str, table: sql.Identifier = LIVE) -> int:
    """Into how many shards a projection is divided, 0 where it never ran."""
    query = sql.SQL("SELECT coalesce(max(shards), 0) FROM {} WHERE name = %s").format(table)
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(query, [name]).fetchone()
    return 0 if row is None else row[0]


def places_of(connection: Connection[Any], name: str, table: sql.Identifier = LIVE, lock: str = "") -> dict[Shard, int]:
    """The position of every shard."""
    query = sql.SQL("SELECT shard, shards, position FROM {} WHERE name = %s ORDER BY shard {}")
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(query.format(table, sql.SQL(lock)), [name]).fetchall()
    return {Shard(number, of): position for number, of, position in rows}


def held(connection: Connection[Any], name: str) -> dict[Shard, int]:
    """The same of the live ones; nobody moves any of them until the transaction ends."""
    return places_of(connection, name, LIVE, "FOR UPDATE")


def divide(
    connection: Connection[Any], name: str, shards: tuple[Shard, ...], position: int, table: sql.Identifier = LIVE
) -> None:
    """Puts these shards, all at one position, in the place of those there are."""
    connection.execute(sql.SQL("DELETE FROM {} WHERE name = %s").format(table), [name])
    insert = sql.SQL(
        "INSERT INTO {} (name, shard, shards, position, changed, changed_at, events_per_second, moved_at)"
        " SELECT %s, number, %s, %s, %s, clock_timestamp(), 0, now() FROM generate_series(0, %s - 1) number"
    ).format(table)
    connection.execute(insert, [name, len(shards), position, position, len(shards)])
