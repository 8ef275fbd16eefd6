"""Folds one shard of a projection, a batch in a transaction, within the sessions that it is given."""

from typing import Any, Generic

import psycopg
from psycopg import Connection

from projections.engine.ahead import Ahead
from projections.engine.folding import fold_batch, keyed
from projections.engine.log import Batch, LogReader, Undecodable, Wanted
from projections.engine.place import Divided, Place
from projections.engine.points import Point, Reached, unnoticed
from projections.engine.projection import Projection, State
from projections.engine.rate import Rate
from projections.engine.shard import WHOLE, Shard
from projections.engine.tables import Tables

BATCH = 4000
"""Positions of the log in one transaction."""

LOST = (psycopg.OperationalError, psycopg.InterfaceError)


class Stopped(Exception):
    """The event at `position` cannot be read or folded. Nothing after it is folded until it can."""

    def __init__(self, projection: str, position: int, reason: str) -> None:
        super().__init__(f"{projection} stopped at position {position}: {reason}")
        self.projection = projection
        self.position = position
        self.reason = reason


class BatchFolder(Generic[State]):
    """Folds the log into the tables of `schema`.

    States, rows and position are one transaction, which moves the position first: of two at once the slower writes
    nothing.
    """

    error: Stopped | None = None
    """Why it stands still, while it does."""
    position = 0
    """The last position folded, as far as is known here."""
    folded = 0
    """How many positions were passed here."""

    def __init__(
        self,
        log: LogReader,
        projection: Projection[State],
        schema: str = "read",
        batch: int = BATCH,
        reached: Reached = unnoticed,
        shard: Shard = WHOLE,
    ) -> None:
        self.shard = shard
        self._projection = projection
        self._batch = self._limit = batch
        self._reached = reached
        self._tables = Tables(projection, schema)
        self._place = Place(projection.name, schema, shard)
        self._ahead = Ahead(log, Wanted(projection.classes, shard))
        self._rate = Rate()

    @property
    def name(self) -> str:
        return self._projection.name

    def begin(self, connection: Connection[Any]) -> int:
        """The position to go on from. Raises `Divided` where the projection has other shards."""
        self.position = self._place.ensure(connection)
        self._rate.at(self.position)
        return self.position

    def hurry_less(self) -> None:
        """After a lost connection: smaller batches, for the next may be lost on the size of this one."""
        self._limit = max(1, self._limit // 2)

    def step(self, connection: Connection[Any], until: int | None = None) -> bool:
        """Folds the next batch, or finds it folded by another; False where there is nothing to fold.

        A batch with a fault is tried again by halves, until the one event at fault stands alone; then it raises
        `Stopped`. Raises `Divided` where this shard is no more.
        """
        self.position = before = self._place.get(connection)
        limit = self._next_limit(self.position, self._limit, until)
        try:
            batch = self._ahead.batch(before, limit)
            if batch.last > before:
                self._commit(connection, batch, until)
        except (*LOST, Divided):
            raise
        except Undecodable as unreadable:
            raise self._stopped(connection, unreadable.position, unreadable) from unreadable
        except Exception as fault:
            if limit == 1:
                raise self._stopped(connection, before + 1, fault) from fault
            self._limit = limit // 2
            return True
        self.error = None
        self._limit = min(self._batch, self._limit * 2)
        return batch.last > before

    def _commit(self, connection: Connection[Any], batch: Batch, until: int | None = None) -> None:
        self._reached(Point.BEFORE_WRITE)
        if batch.last - self.position == self._limit:
            following = min(self._batch, self._limit * 2)
            self._ahead.prepare(batch.last, self._next_limit(batch.last, following, until))
        mine = keyed(self._projection, batch.events)
        changed = mine[-1][1].position if mine else None
        rate = self._rate.at(batch.last)
        with connection.transaction():
            if not self._place.move(connection, self.position, batch.last, changed=changed, rate=rate):
                return
            before = self._tables.load(connection, {key for key, _ in mine})
            self._tables.write(connection, fold_batch(self._projection, mine, before))
            self._reached(Point.AFTER_WRITE)
        self._reached(Point.AFTER_COMMIT)
        self.folded += batch.last - self.position
        self.position = batch.last

    def _next_limit(self, position: int, limit: int, until: int | None) -> int:
        return limit if until is None else max(0, min(limit, until - position))

    def _stopped(self, connection: Connection[Any], position: int, fault: Exception) -> Stopped:
        lines = str(fault).splitlines() or [""]
        reason = f"{type(fault).__name__}: {lines[0]}"[:500]
        self.error = Stopped(self.name, position, reason)
        self._place.stop(connection, position, reason)
        return self.error
