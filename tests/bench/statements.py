"""The SQL of a handler: what it executes while it answers, to be executed again alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from fastapi import FastAPI
from psycopg import Connection, Cursor, sql
from starlette.testclient import TestClient

from tests.bench.questions import Request


@dataclass(frozen=True, slots=True)
class Statement:
    """Its text as the server gets it, its parameters, and the session on the database that it is for."""

    session: Connection[Any]
    text: bytes
    parameters: Any


def statements_of(
    app: FastAPI, requests: Sequence[Request], sessions: Mapping[str, Connection[Any]]
) -> list[list[Statement]]:
    """For each request, the statements by which the real handler answers it, in order; `sessions` are by the name of
    the database: the log's and that of the keys."""
    found = []
    client = TestClient(app, base_url="http://127.0.0.1:8000")
    for request in requests:
        with _watched() as executed:
            answer = client.get(request.path, headers={"Authorization": request.authorization})
        if answer.status_code != 200:
            raise RuntimeError(f"{request.path} was answered by {answer.status_code}: {answer.text[:200]}")
        found.append(
            [Statement(sessions[of], _text(query, sessions[of]), parameters) for of, query, parameters in executed]
        )
    return found


@contextmanager
def _watched() -> Iterator[list[tuple[str, Any, Any]]]:
    """What any connection of this process executes meanwhile, beside what it does anyway."""
    executed: list[tuple[str, Any, Any]] = []
    plainly = psycopg.Cursor.execute

    def watched(cursor: Cursor[Any], query: Any, params: Any = None, **more: Any) -> Cursor[Any]:
        executed.append((cursor.connection.info.dbname, query, params))
        return plainly(cursor, query, params, **more)

    psycopg.Cursor.execute = watched  # type: ignore[assignment, method-assign]
    try:
        yield executed
    finally:
        psycopg.Cursor.execute = plainly  # type: ignore[method-assign]


def _text(query: Any, connection: Connection[Any]) -> bytes:
    """Put together beforehand, so that it is the server's work which is timed."""
    if isinstance(query, sql.Composable):
        return query.as_bytes(connection)
    return query.encode() if isinstance(query, str) else bytes(query)
