"""The event library's persistence on Rujukan's recorder, with sessions that wait for nothing for ever."""

from typing import Any

import msgspec
import psycopg
from eventsourcing.persistence import ApplicationRecorder
from eventsourcing.postgres import PostgresFactory
from psycopg import Connection
from psycopg.adapt import AdaptersMap
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads

from infra.event_log.mapper import EventMapper
from infra.event_log.recorder import Recorder

LOCK_TIMEOUT = 10
STATEMENT_TIMEOUT = 30
IDLE_IN_TRANSACTION_TIMEOUT = 5
"""Seconds, on every session. One who goes silent with a lock is cut off before those who wait for it give up."""

APPLICATION_ROLE = "rujukan_application"
"""What every session may do, whatever its login may: see the migrations."""

DATABASE_URL = "RUJUKAN_DATABASE_URL"


def session_parameters(url: str) -> dict[str, Any]:
    """All connection parameters of a URL, and the role and timeouts of Rujukan's sessions."""
    given = conninfo_to_dict(url)
    options = (
        f"-c role={APPLICATION_ROLE} -c lock_timeout={LOCK_TIMEOUT}s -c statement_timeout={STATEMENT_TIMEOUT}s"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT}s"
        " -c row_security=off"  # a policy that hid rows would make an error, and not another log
    )
    return {
        "application_name": "rujukan",
        "client_encoding": "UTF8",
        "connect_timeout": 10,
        **given,
        "options": f"{options} {given.get('options') or ''}".strip(),
    }


def reading_parameters(url: str) -> dict[str, Any]:
    """The same for sessions that answer requests: many at a time, so each is the work of one process of the server."""
    session = session_parameters(url)
    options = f"-c max_parallel_workers_per_gather=0 {session['options']}"
    adapters = AdaptersMap(psycopg.adapters)
    set_json_loads(msgspec.json.decode, adapters)
    return {**session, "options": options, "context": adapters, "row_factory": dict_row, "autocommit": True}


def direct_session(url: str, name: str) -> Connection[Any]:
    """A session of one's own, to be closed: for leading, listening and rebuilding."""
    session: Any = session_parameters(url)
    return psycopg.connect(**{**session, "application_name": name})


def persistence_environment(url: str) -> dict[str, str]:
    """Everything that the event library is told, and by leaving them empty, all that it might else pick up."""
    given = conninfo_to_dict(url)
    return {
        "PERSISTENCE_MODULE": "infra.persistence:Factory",
        "MAPPER_TOPIC": f"{EventMapper.__module__}:{EventMapper.__qualname__}",
        DATABASE_URL: url,
        "POSTGRES_DBNAME": str(given.get("dbname") or given.get("user") or ""),
        "POSTGRES_HOST": str(given.get("host") or ""),
        "POSTGRES_PORT": str(given.get("port") or ""),
        "POSTGRES_USER": str(given.get("user") or ""),
        "POSTGRES_PASSWORD": str(given.get("password") or ""),
        "POSTGRES_CONNECT_TIMEOUT": "10",
        "POSTGRES_LOCK_TIMEOUT": str(LOCK_TIMEOUT),
        "POSTGRES_IDLE_IN_TRANSACTION_SESSION_TIMEOUT": str(IDLE_IN_TRANSACTION_TIMEOUT),
        "POSTGRES_POOL_SIZE": "4",
        "POSTGRES_MAX_OVERFLOW": "28",
        "CREATE_TABLE": "n",
    }


class Factory(PostgresFactory):
    """Makes the recorder, on sessions that have every parameter of the URL and Rujukan's timeouts."""

    application_recorder_class = Recorder

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.datastore.pool.kwargs = {**session_parameters(self.env[DATABASE_URL]), "row_factory": dict_row}
        self._recorders: list[Recorder] = []

    def application_recorder(self) -> ApplicationRecorder:
        recorder = super().application_recorder()
        if isinstance(recorder, Recorder):
            self._recorders.append(recorder)
        return recorder

    def close(self) -> None:
        for recorder in self._recorders:
            recorder.close_sessions()
        super().close()
