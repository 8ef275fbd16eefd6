"""Keeps one projection up with the log: batch by batch, one leader among all who try, until it is told to stop."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Generic

import psycopg
from psycopg import Connection, sql
from psycopg.rows import tuple_row

from projections.folding import fold_batch, keyed
from projections.log import LoggedEvent, LogReader, Undecodable
from projections.points import Point, Reached, unnoticed
from projections.positions import Place
from projections.projection import Projection, State
from projections.tables import Tables

Connect = Callable[[], Connection[Any]]
"""Opens a direct session (not one of a transaction-pooling proxy: advisory locks and LISTEN belong to a session)."""

CHANNEL = "rujukan_events"
POLL = 0.5
"""Seconds until the log is looked at again where no notification came."""

LOST = (psycopg.OperationalError, psycopg.InterfaceError)
LOST_PAUSES = (0.1, 10.0)
STOPPED_PAUSES = (1.0, 30.0)
"""Seconds before the next attempt, the first and the longest; each is double the one before."""


class Stopped(Exception):
    """The event at `position` cannot be read or folded. Nothing after it is folded until it can."""

    def __init__(self, projection: str, position: int, reason: str) -> None:
        super().__init__(f"{projection} stopped at position {position}: {reason}")
        self.projection = projection
        self.position = position
        self.reason = reason


class Runner(Generic[State]):
    """Folds the log into the tables of `schema`.

    States, rows and position are one transaction, which moves the position first: of two runners at once the slower
    writes nothing. Commits do not wait for the disk, because what a crash takes away is folded again.
    """

    error: Stopped | None = None
    """Why it stands still, while it does."""
    position = 0
    """The last position folded, as far as this runner knows."""
    leading = False
    """Whether this runner, of all in the same database, follows the log."""
    folded = 0
    """How many events this runner has folded."""

    def __init__(
        self,
        connect: Connect,
        log: LogReader,
        projection: Projection[State],
        schema: str = "read",
        batch: int = 2000,
        reached: Reached = unnoticed,
    ) -> None:
        self._connect = connect
        self._log = log
        self._projection = projection
        self._batch = self._limit = batch
        self._reached = reached
        self._tables = Tables(projection, schema)
        self._place = Place(projection.name, schema)
        self._lock = _lock_number(schema, projection.name)

    @property
    def name(self) -> str:
        return self._projection.name

    def catch_up(self, until: int | None = None) -> int:
        """Folds up to a position (the end of the log unless given) and returns the position reached.

        Safe beside other runners. Raises `Stopped`, and `psycopg.OperationalError` where the database is away.
        """
        with self._session() as connection:
            target = self._log.head() if until is None else until
            while self.position < target and self._step(connection, target):
                pass
            return self.position

    def run(self, stop: threading.Event) -> None:
        """Follows the log until `stop` is set; lost connections and events that cannot be folded are tried again."""
        pauses = _doubling(*LOST_PAUSES)
        while not stop.is_set():
            try:
                with self._session() as leader, self._session() as worker:
                    if self._wait_for_lead(leader, stop):
                        pauses = _doubling(*LOST_PAUSES)
                        self._follow(leader, worker, stop)
            except psycopg.Error:
                self._limit = max(1, self._limit // 2)
                stop.wait(next(pauses))
            finally:
                self.leading = False

    def _follow(self, leader: Connection[Any], worker: Connection[Any], stop: threading.Event) -> None:
        leader.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        pauses = _doubling(*STOPPED_PAUSES)
        while not stop.is_set():
            try:
                moved = self._step(worker)
            except Stopped:
                stop.wait(next(pauses))
                continue
            if moved:
                pauses = _doubling(*STOPPED_PAUSES)
            else:
                for _ in leader.notifies(timeout=POLL, stop_after=1):
                    pass

    def _wait_for_lead(self, leader: Connection[Any], stop: threading.Event) -> bool:
        while not stop.is_set():
            row = leader.execute("SELECT pg_try_advisory_lock(%s) AS won", [self._lock]).fetchone()
            if row is not None and row[0]:
                self.leading = True
                return True
            stop.wait(POLL)
        return False

    def _step(self, connection: Connection[Any], until: int | None = None) -> bool:
        """Folds the next batch, or finds it folded by another; False where there is nothing to fold.

        A batch with a fault is tried again by halves, until the one event at fault stands alone.
        """
        self.position = self._place.get(connection)
        limit = self._limit if until is None else min(self._limit, until - self.position)
        try:
            events = self._log.read(self.position, limit) if limit > 0 else ()
            if events:
                self._commit(connection, events)
        except LOST:
            raise
        except Undecodable as unreadable:
            raise self._stopped(connection, unreadable.position, unreadable) from unreadable
        except Exception as fault:
            if limit == 1:
                raise self._stopped(connection, self.position + 1, fault) from fault
            self._limit = limit // 2
            return True
        self.error = None
        self._limit = min(self._batch, self._limit * 2)
        return bool(events)

    def _commit(self, connection: Connection[Any], events: Sequence[LoggedEvent]) -> None:
        last = events[-1].position
        self._reached(Point.BEFORE_WRITE)
        with connection.transaction():
            if not self._place.move(connection, self.position, last):
                return
            mine = keyed(self._projection, events)
            before = self._tables.load(connection, {key for key, _ in mine})
            self._tables.write(connection, fold_batch(self._projection, mine, before))
            self._reached(Point.AFTER_WRITE)
        self._reached(Point.AFTER_COMMIT)
        self.position = last
        self.folded += len(events)

    def _stopped(self, connection: Connection[Any], position: int, fault: Exception) -> Stopped:
        lines = str(fault).splitlines() or [""]
        reason = f"{type(fault).__name__}: {lines[0]}"[:500]
        self.error = Stopped(self.name, position, reason)
        self._place.stop(connection, position, reason)
        return self.error

    @contextmanager
    def _session(self) -> Iterator[Connection[Any]]:
        connection = self._connect()
        try:
            connection.autocommit = True
            connection.row_factory = tuple_row
            connection.execute("SET synchronous_commit = off")
            self.position = self._place.ensure(connection)
            yield connection
        finally:
            with suppress(psycopg.Error):
                connection.close()


def _lock_number(schema: str, name: str) -> int:
    digest = hashlib.blake2b(f"projection {schema}.{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _doubling(first: float, longest: float) -> Iterator[float]:
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)
