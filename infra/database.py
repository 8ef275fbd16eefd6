"""The database that a command works on: one's own server by `DATABASE_URL`, else the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from infra.migrate import KEYS, migrate
from infra.postgres import embedded
from infra.postgres.embedded import embedded_postgres
from infra.postgres.names import beside
from infra.settings import Settings, SettingsError


@contextmanager
def database(settings: Settings, tell: Callable[[str], None]) -> Iterator[str]:
    """The URL of the log's database; the embedded server is started where it does not run."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded_postgres(settings.home, tell=tell) as url:
        yield url


def running_database(settings: Settings) -> str | None:
    """The URL where a database is there without starting anything."""
    return settings.database_url or embedded.running(settings.home)


def migrated(settings: Settings, url: str) -> list[str]:
    """Brings both databases up to this version, and returns the names of the migrations applied."""
    if settings.keys_database_url is None:
        _ensure_beside(url)
    return [*migrate(settings.owner_url(url)), *migrate(settings.keys_url(url), KEYS)]


def _ensure_beside(url: str) -> None:
    """Makes the database of the keys where there is none; `SettingsError` where the login may not."""
    name = str(conninfo_to_dict(beside(url))["dbname"])
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None:
            return
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            pass  # another process was first
        except psycopg.errors.InsufficientPrivilege:
            raise SettingsError(
                f"KEYS_DATABASE_URL: there is no database {name} for the keys, and this login may not make one."
            ) from None
