"""Starts the embedded PostgreSQL anew should something end it while Rujukan is up."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import structlog

from infra.bootstrap import Composed
from infra.postgres.embedded import EmbeddedError, revive, running
from infra.threads import on_a_thread

LOOK_EVERY = 1.0
"""Seconds."""

_log = structlog.get_logger("database")


@contextmanager
def revived(composed: Composed) -> Iterator[None]:
    """While inside, an embedded server that does not answer is started again; one's own server is left alone."""
    if composed.settings.database_url is not None:
        yield
        return
    with on_a_thread(lambda stop: _watch(composed, stop), "database"):
        yield


def _watch(composed: Composed, stop: threading.Event) -> None:
    while not stop.wait(LOOK_EVERY):
        if running(composed.settings.home) is not None:
            continue
        try:
            revive(composed.settings.home)
        except (EmbeddedError, OSError, psycopg.Error) as error:
            _log.error("not-revived", reason=str(error))
            continue
        _log.warning("revived")
        _replace_connections(composed)


def _replace_connections(composed: Composed) -> None:
    """Those kept in pools are dead; each would fail one request if it were not found out here."""
    composed.services.pool.check()
    composed.recorder.datastore.pool.check()
