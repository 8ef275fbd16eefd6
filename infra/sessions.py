"""Sessions of the recorder's own, beside the event library's pool."""

from typing import Any

from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg_pool import ConnectionPool

RECONNECTING = 1.0
"""Seconds of growing pauses; then whoever asks next begins anew, so that a server just back is not waited for."""


def sessions(datastore: PostgresDatastore, most: int) -> ConnectionPool[Connection[DictRow]]:
    """A pool, to be opened, with the library's parameters in which each statement is a transaction of its own.

    Their few statements look things up by key: they are planned once, by index however small a table may be then.
    """
    session: Any = datastore.pool.kwargs
    return ConnectionPool(
        connection_class=Connection[DictRow],
        kwargs={**session, "autocommit": True},
        min_size=0,
        max_size=most,
        configure=_planned_once,
        reconnect_timeout=RECONNECTING,
        open=False,
    )


def _planned_once(connection: Connection[DictRow]) -> None:
    connection.execute(
        "SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),"
        " set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false)"
    )
