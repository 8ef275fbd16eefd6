"""Sessions on the keys' database."""

import threading
from typing import Any, LiteralString

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict

from infra.event_log.session import Session
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
    """One session for one caller at a time, as `infra.event_log.session` has it."""

    def __init__(self, url: str) -> None:
        self._session = Session(lambda: keys_session(url))
        self._using = threading.Lock()

    @property
    def executed(self) -> int:
        return self._session.executed

    def rows(self, query: LiteralString, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Of a statement that returns some, and may be carried out more than once and must bear that.

        Raises `psycopg.OperationalError` where the server is away for too long.
        """
        with self._using:
            return self._session.execute(query, parameters, binary=True)

    def close(self) -> None:
        with self._using:
            self._session.close()
