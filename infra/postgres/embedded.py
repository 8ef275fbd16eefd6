"""The PostgreSQL that comes with Rujukan: made, started, shared by those who use it, stopped by the last to leave.

Meant to survive anything: every step may be cut short by SIGKILL and is then completed or redone by the next user.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from infra.postgres.names import DATABASE, KEYS
from infra.postgres.server import SUPERUSER, EmbeddedError, Server, Tell, socket_url
from infra.shared_use import alone, used

__all__ = ["EmbeddedError", "embedded_postgres", "revive", "running"]

_NAME = "postgres"


def _silent(_: str) -> None:
    pass


@contextlib.contextmanager
def embedded_postgres(home: Path, *, durable: bool = True, tell: Tell = _silent) -> Iterator[str]:
    """Yields a URL of the database `rujukan` on a server under `home`, made or started where needed; the one of its
    keys is there too (`infra.postgres.names.beside`).

    Any number of processes may be inside at once. `durable=False` trades safety against power loss for speed, for
    tests alone. `tell` is called with a line about each step that may take a while. Raises `EmbeddedError`.
    """
    server = Server(home.resolve(), durable, tell)

    def start() -> str:
        server.ensure_made()
        directory = server.ensure_running()
        _ensure_databases(socket_url(directory, SUPERUSER))
        return socket_url(directory, DATABASE)

    with used(home, _NAME, start, server.stop) as url:
        yield url


def running(home: Path) -> str | None:
    """The URL of the database if the embedded server of `home` answers, without starting anything."""
    server = Server(home.resolve(), True, _silent)
    directory = server.answering()
    return None if directory is None else socket_url(directory, DATABASE)


def revive(home: Path, *, tell: Tell = _silent) -> None:
    """For one who is inside `embedded_postgres`: starts the server anew where something else has ended it."""
    with alone(home, _NAME):
        Server(home.resolve(), True, tell).ensure_running()


def _ensure_databases(maintenance_url: str) -> None:
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        for name in (DATABASE, DATABASE + KEYS):
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
