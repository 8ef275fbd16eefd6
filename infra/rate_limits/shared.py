"""Counts in the database, for what all processes count together: one statement a hit."""

import time
from itertools import count
from typing import Any

import psycopg
from limits.storage import Storage
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

FORGOTTEN_EVERY = 1000
"""Hits of this process after which windows that have ended are forgotten."""

_HIT = """
INSERT INTO rate_limits AS counted (key, until, hits)
VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(expiry)s), %(amount)s)
ON CONFLICT (key) DO UPDATE SET
    until = CASE WHEN counted.until > clock_timestamp() THEN counted.until ELSE excluded.until END,
    hits = CASE WHEN counted.until > clock_timestamp() THEN counted.hits ELSE 0 END + excluded.hits
RETURNING hits
"""
_COUNT = "SELECT hits FROM rate_limits WHERE key = %s AND until > clock_timestamp()"
_UNTIL = "SELECT extract(epoch FROM until)::float8 AS until FROM rate_limits WHERE key = %s"
_FORGET = "DELETE FROM rate_limits WHERE until <= clock_timestamp()"


class Shared(Storage):
    STORAGE_SCHEME = None

    def __init__(self, pool: ConnectionPool[Connection[DictRow]], **options: Any) -> None:
        super().__init__(**options)
        self._pool = pool
        self._hits = count(1)

    @property
    def base_exceptions(self) -> type[Exception]:
        return psycopg.Error

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._pool.connection() as connection:
            given = {"key": key, "expiry": expiry, "amount": amount}
            row = connection.execute(_HIT, given).fetchone()
            if next(self._hits) % FORGOTTEN_EVERY == 0:
                connection.execute(_FORGET)
        return int(row["hits"]) if row else amount

    def get(self, key: str) -> int:
        with self._pool.connection() as connection:
            row = connection.execute(_COUNT, [key]).fetchone()
        return int(row["hits"]) if row else 0

    def get_expiry(self, key: str) -> float:
        with self._pool.connection() as connection:
            row = connection.execute(_UNTIL, [key]).fetchone()
        return float(row["until"]) if row else time.time()

    def check(self) -> bool:
        with self._pool.connection() as connection:
            return connection.execute("SELECT 1").fetchone() is not None

    def reset(self) -> int:
        with self._pool.connection() as connection:
            return connection.execute("DELETE FROM rate_limits").rowcount

    def clear(self, key: str) -> None:
        with self._pool.connection() as connection:
            connection.execute("DELETE FROM rate_limits WHERE key = %s", [key])
