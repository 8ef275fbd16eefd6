"""Brings the database's schema up to this version of Rujukan."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI
from yoyo.migrations import MigrationList, read_migrations

from infra.persistence import APPLICATION_ROLE

MIGRATION_LOCK = (0x52554A55, 1)
"""An advisory lock, held by the one process that migrates."""
PATIENCE = 300.0
FIRST_OF_READ = "1000"
"""Migrations from here on are of what the application owns, and run with its rights alone."""


LOG, KEYS = "migrations", "keys_migrations"
"""Folders: of the log with all that belongs to it, and of the keys' database."""


class MigrationError(Exception):
    """The schema cannot be brought up to date; the text says why, on one line."""


def migrate(url: str, folder: str = LOG) -> list[str]:
    """Applies what is missing, in order, and returns the names applied; `folder` is `LOG` or `KEYS`.

    Each migration and the note that it was applied are one transaction, so one cut short is simply applied again.
    Several processes may call this at once; where nothing is missing, nothing is written, and a login that owns nothing
    will do. Raises `MigrationError` where the database was migrated by a newer Rujukan, or where a migration fails.
    """
    known = _known(folder)
    if _is_up_to_date(url, _names(known)):
        return []
    with _alone(url):
        backend = PostgresqlPsycopgBackend(_yoyo_uri(url), "_yoyo_migration")
        try:
            return _apply(backend, known)
        finally:
            backend.connection.close()


def pending(url: str, folder: str = LOG) -> list[str]:
    """Names of migrations that `migrate` would apply."""
    with psycopg.connect(url) as connection:
        applied = _applied(connection)
    return [migration.id for migration in _known(folder) if migration.id not in applied]


def _is_up_to_date(url: str, known: set[str]) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            applied = _applied(connection)
    except psycopg.OperationalError:
        return False
    except psycopg.errors.InsufficientPrivilege as error:
        raise MigrationError(f"This login may not look at the schema: {str(error).splitlines()[0]}") from error
    _refuse_newer(applied, known)
    return applied == known


def _names(migrations: MigrationList) -> set[str]:
    return {migration.id for migration in migrations}


def _applied(connection: psycopg.Connection) -> set[str]:
    if connection.execute("SELECT to_regclass('_yoyo_migration')").fetchone() == (None,):
        return set()
    return {row[0] for row in connection.execute("SELECT migration_id FROM _yoyo_migration")}


def _apply(backend: PostgresqlPsycopgBackend, known: MigrationList) -> list[str]:
    try:
        backend.init_database()
        backend.break_lock()  # a leftover of a process killed within: whoever is at it now holds the advisory lock
        backend.ensure_internal_schema_updated()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege) as error:
        raise MigrationError(
            "The database has no schema yet, and this login may not make it: name one that may in DATABASE_OWNER_URL"
            " (of the keys: in KEYS_DATABASE_URL)."
        ) from error
    applied = {row[0] for row in backend.execute("SELECT migration_id FROM _yoyo_migration").fetchall()}
    _refuse_newer(applied, _names(known))
    names = []
    for migration in backend.to_apply(known):
        try:
            with backend.transaction():
                if migration.id >= FIRST_OF_READ:
                    backend.execute(f"SET LOCAL ROLE {APPLICATION_ROLE}")
                migration.process_steps(backend, "apply")
                backend.execute("RESET ROLE")
                backend.mark_one(migration, log=False)
        except psycopg.Error as error:
            raise MigrationError(f"The migration {migration.id} failed: {str(error).splitlines()[0]}") from error
        names.append(migration.id)
    return names


def _refuse_newer(applied: set[str], known: set[str]) -> None:
    strange = sorted(applied - known)
    if strange:
        raise MigrationError(
            f"The database was migrated by a newer Rujukan ({strange[-1]} is unknown here). Please run that version."
        )


@contextmanager
def _alone(url: str) -> Iterator[None]:
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise MigrationError(f"The database does not answer: {str(error).splitlines()[0]}") from error
    with connection:
        deadline = time.monotonic() + PATIENCE
        while not _locked(connection):
            if time.monotonic() > deadline:
                raise MigrationError("Another process has been migrating this database for too long.")
            time.sleep(0.1)
        yield


def _locked(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", MIGRATION_LOCK).fetchone()
    return row == (True,)


def _known(folder: str) -> MigrationList:
    return read_migrations(str(Path(str(resources.files("infra"))) / folder))


def _yoyo_uri(url: str) -> DatabaseURI:
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    return DatabaseURI(
        scheme="postgresql+psycopg",
        username=given.pop("user", None),
        password=given.pop("password", None),
        hostname=None,
        port=None,
        database=given.pop("dbname", None),
        args=given,
    )
