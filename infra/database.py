"""The database that a command works on: one's own server by `DATABASE_URL`, else the embedded one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from infra.migrate import KEYS, migrate
from infra.postgres import embedded
from infra.postgres.embedded import embedded_postgres
from infra.settings import Settings


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
    return [*migrate(settings.owner_url(url)), *migrate(settings.keys_url(url), KEYS)]
