"""A real PostgreSQL for all tests, a fresh migrated database for each that asks for one, and a real Kafka."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg.conninfo import conninfo_to_dict

from infra.kafka.access import Access
from infra.kafka.broker import embedded_broker
from infra.migrate import KEYS, LOG, migrate
from infra.postgres.embedded import embedded_postgres
from infra.postgres.names import beside

TEMPLATE = "template_rujukan"
KEYS_TEMPLATE = "template_rujukan_keys"
TEST_HOME = pytest.StashKey[Path]()
MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
"""Bytes; the copies that exist at one time, and the server's log."""


settings.register_profile(
    "rujukan", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
settings.load_profile("rujukan")
"""How long anything takes is no matter of tests: the machine may be busy. Examples of one test may share a database."""


def pytest_configure(config: pytest.Config) -> None:
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    config.stash[TEST_HOME] = Path(
        given["test_home"] if given else tempfile.mkdtemp(prefix="rujukan-test-", dir=_quick_place())
    )


def _quick_place() -> Path | None:
    """Memory where there is enough: each test's database is some six hundred files, made and deleted."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """All workers share the server of the run that started them."""
    node.workerinput["test_home"] = str(node.config.stash[TEST_HOME])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[TEST_HOME], ignore_errors=True)


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[str]:
    """URL of the database `rujukan` on the run's server; it holds nothing."""
    home = pytestconfig.stash[TEST_HOME]
    with embedded_postgres(home, durable=False) as url:
        with (home / "template.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _ensure_template(url, TEMPLATE, LOG)
            _ensure_template(url, KEYS_TEMPLATE, KEYS)
        yield url


@pytest.fixture(scope="session")
def broker(pytestconfig: pytest.Config) -> Iterator[Access]:
    """How its administrator reaches the run's broker, which the first test that asks for it starts."""
    with embedded_broker(pytestconfig.stash[TEST_HOME]) as broker:
        yield broker.access


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """URL of a database that was never migrated, with another of its keys beside it."""
    with fresh(server, "template1", "template1") as url:
        yield url


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """URL of a fresh database, migrated, with nothing in it, and an empty one of its keys beside it."""
    with fresh(server, TEMPLATE) as url:
        yield url


@contextmanager
def fresh(server: str, template: str, keys: str = KEYS_TEMPLATE) -> Iterator[str]:
    """URL of a copy of the database `template`; beside it is a copy of `keys`.

    Files are copied whole: written through the server's log, as is the default, a copy takes four times as long.
    """
    name = f"test_{uuid4().hex[:12]}"
    url = named(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        for database, like in ((url, template), (beside(url), keys)):
            connection.execute(f"CREATE DATABASE {database_of(database)} TEMPLATE {like} STRATEGY file_copy")
    yield url
    with psycopg.connect(server, autocommit=True) as connection:
        for database in (url, beside(url)):
            connection.execute(f"DROP DATABASE {database_of(database)} WITH (FORCE)")


def _ensure_template(url: str, template: str, folder: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            return
        connection.execute("DROP DATABASE IF EXISTS template_unfinished")
        connection.execute("CREATE DATABASE template_unfinished")
        migrate(named(url, "template_unfinished"), folder)
        connection.execute(f"ALTER DATABASE template_unfinished RENAME TO {template}")


def database_of(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def named(url: str, database: str) -> str:
    return url.replace("/rujukan?", f"/{database}?")
