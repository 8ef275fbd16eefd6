"""One rotation of keys at a time, in whichever process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection

from infra.keys.session import keys_session

LOCK = 0x52554A550010
"""The advisory lock of the keys' database that a rotation holds; it goes with its session, however that ends."""


class RotationRunning(Exception):
    """Another rotation holds the lock."""


@contextmanager
def rotating(url: str) -> Iterator[Connection[Any]]:
    """A session that alone may rotate. Raises `RotationRunning`."""
    with keys_session(url, "rujukan rotation") as session:
        if session.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() != (True,):
            raise RotationRunning("Another rotation of keys is running: wait until it has ended.")
        yield session
