"""One process's share of the projections: it runs some of their shards, and others the rest."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row

from projections.engine.log import LogReader
from projections.engine.points import Reached, unnoticed
from projections.engine.projection import Projection
from projections.engine.runner import Connect, Runner, lock_number
from projections.engine.shard import Shard, division

LOOK = 0.5
"""Seconds between looks at who else follows."""
LONGEST_STOP = 15.0

Told = Callable[[str, Shard, bool], None]
"""Told a projection's name, a shard of it, and whether it is run here from now on or no longer."""


def untold(_name: str, _shard: Shard, _here: bool) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Running:
    runner: Runner[Any]
    stop: threading.Event
    thread: threading.Thread


class Follower:
    """Runs its share of the shards of some projections, of however many followers there are in how many processes.

    Each follower is known to the others by a lock that goes when its session goes. They count the shards of all
    projections through and deal them out in turn; who has one that is no longer its own gives it up between two
    batches, and who has got it waits for that.
    """

    def __init__(
        self,
        connect: Connect,
        log: LogReader,
        projections: Sequence[Projection[Any]],
        reached: Reached = unnoticed,
        told: Told = untold,
    ) -> None:
        self._connect = connect
        self._log = log
        self._projections = {projection.name: projection for projection in projections}
        self._reached = reached
        self._told = told
        self._running: dict[tuple[str, Shard], Running] = {}

    def run(self, stop: threading.Event) -> None:
        """Follows until `stop` is set, whatever is lost meanwhile; then every runner has ended."""
        try:
            while not stop.is_set():
                with suppress(psycopg.Error), self._session() as connection:
                    while not stop.is_set():
                        self._take_share(connection)
                        stop.wait(LOOK)
                stop.wait(LOOK)
        finally:
            self._give_up(list(self._running))

    def _take_share(self, connection: Connection[Any]) -> None:
        share = set(self._share(connection))
        ended = {part for part, running in self._running.items() if not running.thread.is_alive()}
        self._give_up(sorted(ended | (self._running.keys() - share)))
        for name, shard in sorted(share - self._running.keys()):
            self._start(name, shard)

    def _share(self, connection: Connection[Any]) -> Iterator[tuple[str, Shard]]:
        """What is to be run here: the same is found out by everyone, from the same locks and places."""
        known = dict.fromkeys(self._projections, 1)
        known |= dict(connection.execute("SELECT name, max(shards) FROM read.projection_position GROUP BY name"))
        found = followers(connection, list(self._projections))
        me = connection.info.backend_pid
        dealt = 0
        for name in sorted(known):
            others = found.get(name, [])
            for number, shard in enumerate(division(known[name]), start=dealt):
                if me in others and others.index(me) == number % len(others):
                    yield name, shard
            dealt += known[name]

    def _start(self, name: str, shard: Shard) -> None:
        runner = Runner(self._connect, self._log, self._projections[name], reached=self._reached, shard=shard)
        stop = threading.Event()
        thread = threading.Thread(target=runner.run, args=(stop,), name=f"projection {name} {shard}", daemon=True)
        self._running[name, shard] = Running(runner, stop, thread)
        thread.start()
        self._told(name, shard, True)

    def _give_up(self, parts: Sequence[tuple[str, Shard]]) -> None:
        for part in parts:
            self._running[part].stop.set()
        for part in parts:
            self._running[part].thread.join(LONGEST_STOP)
            if not self._running[part].thread.is_alive():
                del self._running[part]
                self._told(*part, False)

    @contextmanager
    def _session(self) -> Iterator[Connection[Any]]:
        connection = self._connect()
        try:
            connection.autocommit = True
            connection.row_factory = tuple_row
            for name in self._projections:
                connection.execute("SELECT pg_advisory_lock_shared(%s)", [_present(name)])
            yield connection
        finally:
            with suppress(psycopg.Error):
                connection.close()


def followers(connection: Connection[Any], names: Sequence[str]) -> dict[str, list[int]]:
    """The sessions of those who follow each projection, in one order for everyone."""
    by_lock = {_present(name): name for name in names}
    found: dict[str, list[int]] = {name: [] for name in names}
    rows = connection.execute(
        "SELECT ((classid::bigint << 32) | objid::bigint) AS number, pid FROM pg_locks"
        " WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND mode = 'ShareLock'"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY pid"
    )
    for number, pid in rows:
        if number in by_lock:
            found[by_lock[number]].append(pid)
    return found


def _present(name: str) -> int:
    """The number of the lock that everyone shares who follows this projection."""
    return lock_number(f"follower of {name}")
