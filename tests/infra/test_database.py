"""The database of the keys beside the log's, where it is not named."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from infra.database import migrated
from infra.migrate import KEYS, pending
from infra.postgres.names import beside
from infra.settings import Settings, SettingsError


@pytest.fixture
def log_alone(empty_database: str) -> str:
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {connection.info.dbname}_keys")
    return empty_database


@pytest.fixture
def visitor(log_alone: str) -> Iterator[str]:
    """The same database for a login that may make none."""
    name = f"visitor_{uuid4().hex[:8]}"
    with psycopg.connect(log_alone, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        scheme, _, place = log_alone.partition("//")
        yield f"{scheme}//{name}@{place.rpartition('@')[2]}"
        connection.execute(f"DROP ROLE {name}")


def test_it_is_made_where_it_is_missing(log_alone: str) -> None:
    settings = Settings(database_url=log_alone)
    migrated(settings, log_alone)
    assert pending(beside(log_alone), KEYS) == []
    assert migrated(settings, log_alone) == []


def test_who_may_not_make_it_is_told_of_the_setting(visitor: str, log_alone: str) -> None:
    with pytest.raises(SettingsError, match=r"KEYS_DATABASE_URL: there is no database .*_keys"):
        migrated(Settings(database_url=visitor), visitor)
    migrated(Settings(database_url=log_alone), log_alone)
