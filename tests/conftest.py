"""A real PostgreSQL for all tests, and a fresh migrated database for each test that asks for one."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from infra.migrate import migrate
from infra.postgres.embedded import embedded_postgres

TEMPLATE = "template_rujukan"
TEST_HOME = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    given: dict[str, Any] | None = getattr(config, "workerinput", None)
    config.stash[TEST_HOME] = Path(given["test_home"] if given else tempfile.mkdtemp(prefix="rujukan-test-"))


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
            _ensure_template(url)
        yield url


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    """URL of a database that was never migrated."""
    yield from _database(server, "template1")


@pytest.fixture
def database(server: str) -> Iterator[str]:
    """URL of a fresh database, migrated, with nothing in it."""
    yield from _database(server, TEMPLATE)


def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _named(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _ensure_template(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            return
        connection.execute("DROP DATABASE IF EXISTS template_unfinished")
        connection.execute("CREATE DATABASE template_unfinished")
        migrate(_named(url, "template_unfinished"))
        connection.execute(f"ALTER DATABASE template_unfinished RENAME TO {TEMPLATE}")


def _named(url: str, database: str) -> str:
    return url.replace("/rujukan?", f"/{database}?")
