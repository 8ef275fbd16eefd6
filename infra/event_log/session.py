"""One session that is opened when it is needed, and anew when it was lost; for one caller at a time."""

import time
from collections.abc import Callable
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.abc import Params
from psycopg.rows import DictRow
from psycopg.sql import SQL

from infra.event_log.reconnecting import connection_lost

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0)
"""Seconds before each further attempt: together as long as a server takes to restart."""

Row = TypeVar("Row")


class Session(Generic[Row]):
    """Each statement is a transaction of its own; `connect` opens a session that commits by itself."""

    def __init__(self, connect: Callable[[], Connection[Row]]) -> None:
        self._connect = connect
        self._connection: Connection[Row] | None = None
        self.executed = 0
        """How many statements were carried out."""

    def execute(
        self, query: LiteralString | SQL, parameters: Params | None = None, *, binary: bool = False
    ) -> list[Row]:
        """The rows of a statement, which may be carried out more than once and must bear that.

        Raises `psycopg.OperationalError` where the server is away for too long.
        """
        for pause in (*PAUSES, None):
            try:
                rows = self._opened().execute(query, parameters, binary=binary).fetchall()
            except psycopg.Error as error:
                if not connection_lost(error):
                    raise
                self.close()
                if pause is None:
                    raise
                time.sleep(pause)
            else:
                self.executed += 1
                return rows
        raise AssertionError("unreachable")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _opened(self) -> Connection[Row]:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection


def by_key(datastore: PostgresDatastore) -> Callable[[], Connection[DictRow]]:
    """Opens sessions on the log whose few statements look things up by key: they are planned once, by index however
    small a table may be then."""

    def connect() -> Connection[DictRow]:
        parameters: Any = datastore.pool.kwargs
        connection = Connection[DictRow].connect(**{**parameters, "autocommit": True})
        connection.execute(
            "SELECT set_config('plan_cache_mode', 'force_generic_plan', false),"
            " set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),"
            " set_config('enable_mergejoin', 'off', false)"
        )
        return connection

    return connect
