"""An installation: a log and its keys, both begun."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from infra.keys.database import KeyDatabase
from infra.keys.installation import ensure_installed
from infra.keys.wrapping import MasterKey
from infra.postgres.names import beside

MASTER = MasterKey(bytes(range(32)))


@pytest.fixture
def keys_url(database: str) -> str:
    """URL of the keys' database of an installation."""
    ensure_installed(database, beside(database), MASTER)
    return beside(database)


@pytest.fixture
def open_store(keys_url: str) -> Iterator[Callable[[], KeyDatabase]]:
    """Each as another process would have it."""
    with ExitStack() as stack:

        def opened() -> KeyDatabase:
            store = KeyDatabase(keys_url, MASTER)
            stack.callback(store.close)
            return store

        yield opened
