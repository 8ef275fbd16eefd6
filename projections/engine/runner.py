"""Keeps one projection, or a shard of it, up with the log: one leader among all who try, until it is told to stop."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic

import psycopg
import structlog
from psycopg import Connection, sql
from psycopg.rows import tuple_row

from projections.engine.batch_folder import BATCH, BatchFolder, Stopped
from projections.engine.log import LogReader
from projections.engine.place import Divided
from projections.engine.points import Reached, unnoticed
from projections.engine.projection import Projection, State
from projections.engine.shard import WHOLE, Shard

__all__ = ["Connect", "Divided", "Runner", "Stopped"]

_log = structlog.get_logger("projections")

Connect = Callable[[], Connection[Any]]
"""Opens a direct session (not one of a transaction-pooling proxy: advisory locks and LISTEN belong to a session)."""

CHANNEL = "rujukan_events"
POLL = 0.5
"""Seconds until the log is looked at again where no notification came."""

LOST_PAUSES = (0.1, 10.0)
STOPPED_PAUSES = (1.0, 30.0)
"""Seconds before the next attempt, the first and the longest; each is double the one before."""


class Runner(Generic[State]):
    """Folds the log into the tables of `schema`: the whole projection, or one shard of it.

    Commits do not wait for the disk, because what a crash takes away is folded again.
    """

    leading = False
    """Whether this runner, of all in the same database, follows the log for its shard."""

    def __init__(
        self,
        connect: Connect,
        log: LogReader,
        projection: Projection[State],
        schema: str = "read",
        batch: int = BATCH,
        reached: Reached = unnoticed,
        shard: Shard = WHOLE,
    ) -> None:
        self.shard = shard
        self._connect = connect
        self._log = log
        self._folder = BatchFolder(log, projection, schema, batch, reached, shard)
        self._lock = lead_lock(projection.name, shard, schema)

    @property
    def name(self) -> str:
        return self._folder.name

    @property
    def position(self) -> int:
        """The last position folded, as far as this runner knows."""
        return self._folder.position

    @property
    def folded(self) -> int:
        """How many events of the log this runner has passed."""
        return self._folder.folded

    @property
    def error(self) -> Stopped | None:
        """Why it stands still, while it does."""
        return self._folder.error

    def catch_up(self, until: int | None = None) -> int:
        """Folds up to a position (the end of the log unless given) and returns the position reached.

        Safe beside other runners. Raises `Stopped`, `Divided` where the projection has other shards, and
        `psycopg.OperationalError` where the database is away.
        """
        with self._session() as connection:
            target = self._log.head() if until is None else until
            while self.position < target and self._folder.step(connection, target):
                pass
            return self.position

    def catch_up_within(self, connection: Connection[Any], until: int) -> None:
        """The same within a transaction of the caller's, who holds the positions."""
        self._folder.begin(connection)
        while self.position < until and self._folder.step(connection, until):
            pass

    def run(self, stop: threading.Event) -> None:
        """Follows the log until `stop` is set, or the projection is divided anew; it ends between two batches.

        Lost connections and events that cannot be folded are tried again. It leads, listens and folds on one session,
        so what it writes is lost with its lead.
        """
        pauses = _doubling(*LOST_PAUSES)
        while not stop.is_set():
            try:
                with self._session() as session:
                    if self._wait_for_lead(session, stop):
                        pauses = _doubling(*LOST_PAUSES)
                        self._follow(session, stop)
            except Divided:
                return
            except psycopg.Error as fault:
                _log.warning(
                    "projection-tried-again", projection=self.name, shard=str(self.shard), fault=_first_line(fault)
                )
                self._folder.hurry_less()
                stop.wait(next(pauses))
            finally:
                self.leading = False

    def _follow(self, session: Connection[Any], stop: threading.Event) -> None:
        session.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        pauses = _doubling(*STOPPED_PAUSES)
        while not stop.is_set():
            try:
                moved = self._folder.step(session)
            except Stopped as stopped:
                _log.error("projection-stopped", projection=self.name, position=stopped.position, reason=stopped.reason)
                stop.wait(next(pauses))
                continue
            if moved:
                pauses = _doubling(*STOPPED_PAUSES)
            else:
                for _ in session.notifies(timeout=POLL, stop_after=1):
                    pass

    def _wait_for_lead(self, session: Connection[Any], stop: threading.Event) -> bool:
        while not stop.is_set():
            row = session.execute("SELECT pg_try_advisory_lock(%s) AS won", [self._lock]).fetchone()
            if row is not None and row[0]:
                self.leading = True
                return True
            stop.wait(POLL)
        return False

    @contextmanager
    def _session(self) -> Iterator[Connection[Any]]:
        connection = self._connect()
        try:
            connection.autocommit = True
            connection.row_factory = tuple_row
            connection.execute("SET synchronous_commit = off")
            self._folder.begin(connection)
            yield connection
        finally:
            with suppress(psycopg.Error):
                connection.close()


def lead_lock(name: str, shard: Shard, schema: str = "read") -> int:
    """The number of the advisory lock that the leader of a shard holds."""
    return lock_number(f"projection {schema}.{name} {shard}")


def lock_number(of: str) -> int:
    return int.from_bytes(hashlib.blake2b(of.encode(), digest_size=8).digest(), "big", signed=True)


def _first_line(fault: Exception) -> str:
    return (str(fault).splitlines() or [type(fault).__name__])[0]


def _doubling(first: float, longest: float) -> Iterator[float]:
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)
