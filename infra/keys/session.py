"""A session on the keys' database, which is opened when it is needed, and anew when it was lost."""

import threading
import time
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from infra.event_log.reconnecting import connection_lost
from infra.event_log.session import PAUSES
from infra.persistence import IDLE_IN_TRANSACTION_TIMEOUT, LOCK_TIMEOUT, STATEMENT_TIMEOUT

BY_INDEX = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan"
"""Keys are asked for by id: planned once, by index however small a table may be then."""


def keys_session(url: str, name: str = "rujukan keys") -> Connection[Any]:
    """A direct session with the rights of its login: nothing else lives in this database."""
    given = conninfo_to_dict(url)
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT}s -c statement_timeout={STATEMENT_TIMEOUT}s"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT}s {BY_INDEX}"
    )
    parameters: dict[str, Any] = {
        "client_encoding": "UTF8",
        "connect_timeout": 10,
        **given,
        "application_name": name,
        "options": f"{options} {given.get('options') or ''}".strip(),
    }
    return psycopg.connect(**parameters, autocommit=True)


class KeySession:
    """Each statement is a transaction of its own, for one caller at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection[Any] | None = None
        self._using = threading.Lock()
        self.executed = 0
        """How many statements were carried out."""

    def rows(self, query: LiteralString, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Of a statement that returns some, and may be carried out more than once and must bear that.

        Raises `psycopg.OperationalError` where the server is away for too long.
        """
        with self._using:
            for pause in (*PAUSES, None):
                try:
                    rows = self._opened().execute(query, parameters, binary=True).fetchall()
                except psycopg.Error as error:
                    if not connection_lost(error):
                        raise
                    self._close()
                    if pause is None:
                        raise
                    time.sleep(pause)
                else:
                    self.executed += 1
                    return rows
        raise AssertionError("unreachable")

    def close(self) -> None:
        with self._using:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _opened(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = keys_session(self._url)
        return self._connection
