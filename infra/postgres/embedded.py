"""The PostgreSQL that comes with Rujukan: made, started, shared by those who use it, stopped by the last to leave.

Meant to survive anything: every step may be cut short by SIGKILL and is then completed or redone by the next user.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from infra.postgres.names import DATABASE, KEYS
from infra.postgres.server import SUPERUSER, EmbeddedError, Server, Tell, socket_url

__all__ = ["EmbeddedError", "embedded_postgres", "revive", "running"]


def _silent(_: str) -> None:
    pass


@contextlib.contextmanager
def embedded_postgres(home: Path, *, durable: bool = True, tell: Tell = _silent) -> Iterator[str]:
    """Yields a URL of the database `rujukan` on a server under `home`, made or started where needed; the one of its
    keys is there too (`infra.postgres.names.beside`).

    Any number of processes may be inside at once. `durable=False` trades safety against power loss for speed, for
    tests alone. `tell` is called with a line about each step that may take a while. Raises `EmbeddedError`.
    """
    home.mkdir(parents=True, exist_ok=True)
    server = Server(home.resolve(), durable, tell)
    with (home / "postgres.users").open("ab") as users:
        try:
            with _alone(home):
                fcntl.flock(users, fcntl.LOCK_SH)
                server.ensure_made()
                directory = server.ensure_running()
                _ensure_databases(socket_url(directory, SUPERUSER))
            yield socket_url(directory, DATABASE)
        finally:
            with _alone(home):
                if _last(users):
                    server.stop()


def running(home: Path) -> str | None:
    """The URL of the database if the embedded server of `home` answers, without starting anything."""
    server = Server(home.resolve(), True, _silent)
    directory = server.answering()
    return None if directory is None else socket_url(directory, DATABASE)


def revive(home: Path, *, tell: Tell = _silent) -> None:
    """For one who is inside `embedded_postgres`: starts the server anew where something else has ended it."""
    with _alone(home):
        Server(home.resolve(), True, tell).ensure_running()


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Makes, starts and stops happen one at a time; the lock goes with its holder however that ends."""
    with (home / "postgres.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _last(users: IO[bytes]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _ensure_databases(maintenance_url: str) -> None:
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        for name in (DATABASE, DATABASE + KEYS):
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
