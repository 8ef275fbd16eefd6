"""Folds the whole log anew beside the live tables: to compare them with it, or to replace them by it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from math import ceil
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.rows import tuple_row

from projections.engine.aside import ASIDE, ASIDE_PLACES, LIVE, analysed, dropped, finished, prepared, tables_of
from projections.engine.comparing import Difference, Differences, compare
from projections.engine.folding_aside import Fold, Progress, fold_here
from projections.engine.log import LogReader
from projections.engine.place import NEAR, Divided, alone, division_of, held, places_of
from projections.engine.positions import shard_standings
from projections.engine.projection import Projection
from projections.engine.runner import Connect, Runner, Stopped
from projections.engine.shard import Shard
from projections.engine.switching import switched

__all__ = ["Progress", "RebuildRunning", "check", "rebuild"]

ONE_AT_A_TIME = 0x52554A55_0002
"""An advisory lock: two rebuilds would use the same tables."""
POSITIONS = "projection_position"


class RebuildRunning(Exception):
    """Another process is rebuilding."""

    def __init__(self) -> None:
        super().__init__("Another rebuild is running on this database.")


def check(
    connect: Connect,
    log: LogReader,
    projections: Sequence[Projection[Any]],
    progress: Progress,
    *,
    workers: int = 1,
    fold: Fold | None = None,
) -> Differences:
    """What a rebuild would change; empty where the live tables are what the log says.

    Live runners go on meanwhile and wait only for the last few events. A live projection, or the rebuild itself,
    that stopped at an event is a difference too, in the table of positions.
    """
    differences = Differences()
    with _alone(connect) as connection:
        for projection in projections:
            rebuilding = _Rebuild(connect, log, projection, progress, workers, fold)
            try:
                differences.note(rebuilding.compared(connection))
            except Stopped as stopped:
                found = {"position": stopped.position, "error": stopped.reason}
                differences.note_one(Difference(POSITIONS, {"name": projection.name}, None, found))
            dropped(connection, projection)
    return differences


def rebuild(
    connect: Connect,
    log: LogReader,
    projections: Sequence[Projection[Any]],
    progress: Progress,
    *,
    workers: int = 1,
    fold: Fold | None = None,
) -> Differences:
    """Replaces the rows of these projections by what the log says, and returns what was different before.

    Readers see the old tables until then, and live runners wait for the last part. Raises `Stopped`, having changed
    nothing of that projection, where an event cannot be folded. One that was killed is gone on with by the next.
    """
    differences = Differences()
    with _alone(connect) as connection:
        for projection in projections:
            rebuilding = _Rebuild(connect, log, projection, progress, workers, fold)
            try:
                differences.note(rebuilding.compared(connection))
                rebuilding.switched(connection)
            except Stopped:
                dropped(connection, projection)
                raise
    return differences


class _Rebuild:
    """Of one projection. A shard aside is part of one live shard, so that the two can be brought to one position."""

    def __init__(
        self,
        connect: Connect,
        log: LogReader,
        projection: Projection[Any],
        progress: Progress,
        workers: int,
        fold: Fold | None,
    ) -> None:
        self._connect = connect
        self._log = log
        self._projection = projection
        self._progress = progress
        self._workers = workers
        self._fold = fold or fold_here(connect, log)

    def compared(self, connection: Connection[Any]) -> Differences:
        """What differs where the live shards stand. They are held only until a snapshot shows both sides there."""
        live = division_of(connection, self._projection.name)
        if live == 0:
            live = 1
            Runner(self._connect, self._log, self._projection).catch_up(0)
        self._prepare(connection, live * ceil(self._workers / live))
        self._bring_near(connection, lambda: self._to_live(connection))
        analysed(connection, self._projection)
        found = _stopped(connection, self._projection)
        with _session(self._connect) as holder, _session(self._connect) as reader:
            reader.isolation_level = IsolationLevel.REPEATABLE_READ
            with reader.transaction():
                with holder.transaction():
                    alone(holder, self._projection.name)  # while it is being divided, there is no place to hold
                    ends = self._ends(held(holder, self._projection.name))
                    for shard, end in ends.items():
                        self._runner(shard).catch_up(end)
                    reader.execute("SELECT FROM read.projection_position")
                self._tell(connection, ends)
                for table in tables_of(self._projection):
                    found.note(compare(reader, table, LIVE, ASIDE))
        return found

    def switched(self, connection: Connection[Any]) -> None:
        """At the end of the log."""
        self._bring_near(connection, self._to_the_end)
        finished(connection, self._projection)
        self._bring_near(connection, self._to_the_end)
        position = switched(connection, self._projection, self._caught_up)
        self._progress(self._projection.name, position, position)

    def _prepare(self, connection: Connection[Any], into: int) -> None:
        """What one that was cut short brought on past the live tables, to take their place, cannot be compared: it
        begins anew."""
        self._shards = prepared(connection, self._projection, into, self._log)
        ends, places = self._to_live(connection), self._places(connection)
        if any(places[shard] > end for shard, end in ends.items()):
            dropped(connection, self._projection)
            self._shards = prepared(connection, self._projection, into, self._log)

    def _to_live(self, connection: Connection[Any]) -> dict[Shard, int]:
        return self._ends(places_of(connection, self._projection.name))

    def _places(self, connection: Connection[Any]) -> dict[Shard, int]:
        return places_of(connection, self._projection.name, ASIDE_PLACES)

    def _ends(self, live: Mapping[Shard, int]) -> dict[Shard, int]:
        """Where each shard aside has to go to stand where the live one does that it is part of."""
        if len(self._shards) % len(live):
            raise Divided(self._projection.name, len(live))
        return {shard: live[Shard(shard.number % len(live), len(live))] for shard in self._shards}

    def _to_the_end(self) -> dict[Shard, int]:
        return dict.fromkeys(self._shards, self._log.head())

    def _caught_up(self, at_least: int) -> int:
        end = max(at_least, self._log.head())
        for shard in self._shards:
            self._runner(shard).catch_up(end)
        return end

    def _bring_near(self, connection: Connection[Any], ends: Callable[[], Mapping[Shard, int]]) -> None:
        """Each shard as near to its end as a live runner can be made to wait for."""
        while True:
            targets = ends()
            places = self._told(connection, targets)
            behind = {shard: end for shard, end in targets.items() if places[shard] < end - NEAR}
            if not behind:
                return
            self._fold(self._projection, behind, partial(self._tell, connection, targets))

    def _tell(self, connection: Connection[Any], targets: Mapping[Shard, int]) -> None:
        self._told(connection, targets)

    def _told(self, connection: Connection[Any], targets: Mapping[Shard, int]) -> dict[Shard, int]:
        """Where the shards are, having told how far they are in the mean."""
        places = self._places(connection)
        name, of = self._projection.name, len(targets)
        self._progress(name, sum(places.values()) // of, sum(targets.values()) // of)
        return places

    def _runner(self, shard: Shard) -> Runner[Any]:
        return Runner(self._connect, self._log, self._projection, schema=ASIDE, shard=shard)


def _stopped(connection: Connection[Any], projection: Projection[Any]) -> Differences:
    """The live shards that stand still at an event."""
    found = Differences()
    for standing in shard_standings(connection):
        if standing.name == projection.name and standing.error is not None:
            key = {"name": projection.name} | ({"shard": str(standing.part)} if standing.shards > 1 else {})
            told = {
                "position": standing.position,
                "error": standing.error,
                "stopped_at_position": standing.stopped_at_position,
            }
            found.note_one(Difference(POSITIONS, key, told, None))
    return found


@contextmanager
def _alone(connect: Connect) -> Iterator[Connection[Any]]:
    with _session(connect) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME]).fetchone()
        if row != (True,):
            raise RebuildRunning
        try:
            yield connection
        finally:
            with suppress(psycopg.Error):  # a connection that was lost has given the lock up by that
                connection.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


@contextmanager
def _session(connect: Connect) -> Iterator[Connection[Any]]:
    """A session that may take as long as there are rows."""
    connection = connect()
    try:
        connection.autocommit = True
        connection.row_factory = tuple_row
        for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(f"SET {name} = 0")
        yield connection
    finally:
        connection.close()
