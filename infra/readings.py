"""Records who has read whose personal data; what many requests have to record at once is one statement."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from api.services import Reading
from infra.event_log.combining import Combiner, up_to
from infra.event_log.reconnecting import connection_lost

MOST = 2_000
"""Readings in one statement, unless one request alone has more."""

_INSERT = """
INSERT INTO readings (actor, role, scope, household, member, fields, why)
SELECT actor, role, scope, household, member, fields, why
FROM json_to_recordset(%s::json)
    AS r (actor text, role text, scope text, household uuid, member uuid, fields text[], why text)
"""
_encoded = msgspec.json.Encoder().encode


class Readings:
    """Implements `api.services.Readings` on one session of its own.

    A reading is recorded when `record` returns, and survives the end of this process; its commit does not wait for the
    disk, so a server that loses power may lose those of its last half second. After a lost connection it is tried once
    more, and may then stand there twice.
    """

    def __init__(self, connect: Callable[[], Connection[Any]]) -> None:
        self._connect = connect
        self._connection: Connection[Any] | None = None
        self._closing = threading.Lock()
        self._together: Combiner[Sequence[Reading], bool] = Combiner(self._insert_all, up_to(MOST))

    def record(self, readings: Sequence[Reading]) -> None:
        self._together.submit(readings)

    def close(self) -> None:
        with self._closing:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _insert_all(self, batch: Sequence[Sequence[Reading]]) -> list[bool]:
        rows = _encoded([_row(reading) for of_one in batch for reading in of_one]).decode()
        try:
            self._opened().execute(_INSERT, [rows])
        except psycopg.Error as error:
            if not connection_lost(error):
                raise
            self.close()
            self._opened().execute(_INSERT, [rows])
        return [True] * len(batch)

    def _opened(self) -> Connection[Any]:
        with self._closing:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
                self._connection.autocommit = True
                self._connection.execute("SET synchronous_commit = off")
            return self._connection


def _row(reading: Reading) -> dict[str, Any]:
    return {
        "actor": reading.actor.sub,
        "role": reading.actor.role,
        "scope": reading.actor.scope,
        "household": reading.household,
        "member": reading.member,
        "fields": reading.fields,
        "why": reading.why,
    }
