"""Tries again what failed because the connection was lost, as it is for all sessions when the server was restarted."""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError
from psycopg_pool import ConnectionPool, PoolTimeout

ATTEMPTS = 10
PAUSE = 0.2
"""Seconds between attempts."""

LOST = ("08", "57P01", "57P02", "57P03", "57P05", "25P03")
"""SQLSTATE classes and codes of a server that went away, is on its way up, or cut off a session that was silent."""

Result = TypeVar("Result")


def reconnecting(pool: ConnectionPool[Any], call: Callable[[], Result]) -> Result:
    """The result of `call`, which may be carried out more than once and must bear that.

    After a lost connection the pool's other connections are tested at once: they are probably lost too, and each
    would cost an attempt. Other errors, a time limit or a lock not granted among them, are raised as they are.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except (psycopg.Error, InterfaceError, OperationalError) as error:
            if attempt == ATTEMPTS or not connection_lost(error):
                raise
            time.sleep(PAUSE * random.uniform(0.9, 1.1))
            pool.check()
    raise AssertionError("unreachable")


def connection_lost(error: BaseException) -> bool:
    """Whether this error, or the one behind the library's, came from a connection that ended."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, PoolTimeout) or not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate is None:
        return isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError))
    return cause.sqlstate.startswith(LOST)
