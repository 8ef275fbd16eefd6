"""One session that is opened when it is needed, and anew when it was lost; for one caller at a time."""

import time
from typing import Any

import psycopg
from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.abc import Params
from psycopg.rows import DictRow
from psycopg.sql import SQL

from infra.event_log.reconnecting import connection_lost

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0)
"""Seconds before each further attempt: together as long as a server takes to restart."""


class Session:
    """Each statement is a transaction of its own. Its few statements look things up by key: they are planned once, by
    index however small a table may be then."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        self._datastore = datastore
        self._connection: Connection[DictRow] | None = None
        self.executed = 0
        """How many statements were carried out."""

    def execute(self, query: SQL, parameters: Params) -> list[DictRow]:
        """The rows of a statement, which may be carried out more than once and must bear that.

        Raises `psycopg.OperationalError` where the server is away for too long.
        """
        for pause in (*PAUSES, None):
            try:
                rows = self._opened().execute(query, parameters).fetchall()
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

    def _opened(self) -> Connection[DictRow]:
        if self._connection is None or self._connection.closed:
            parameters: Any = self._datastore.pool.kwargs
            self._connection = Connection[DictRow].connect(**{**parameters, "autocommit": True})
            self._connection.execute(
                "SELECT set_config('plan_cache_mode', 'force_generic_plan', false),"
                " set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),"
                " set_config('enable_mergejoin', 'off', false)"
            )
        return self._connection
