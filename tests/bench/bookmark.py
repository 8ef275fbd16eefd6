"""A reader that follows a log by its bookmark, in a process of its own, and what it misses."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event

import psycopg
from psycopg import sql

PAUSE = 0.001
"""Seconds between looks where nothing came: as eager as a projection that is woken by every append."""
PROCESSES = multiprocessing.get_context("spawn")
LONGEST = 120.0


@dataclass
class Followed:
    """How many events the reader saw, and how many are in the log behind its first bookmark."""

    seen: int = 0
    logged: int = 0

    @property
    def missed(self) -> int:
        return self.logged - self.seen


@contextmanager
def followed(url: str, table: str) -> Iterator[Followed]:
    """Follows the table while inside; the numbers are there after it."""
    found = Followed()
    stop, ready, told = PROCESSES.Event(), PROCESSES.Event(), PROCESSES.Queue()
    process = PROCESSES.Process(target=_follow, args=(url, table, stop, ready, told), daemon=True)
    process.start()
    if not ready.wait(LONGEST):
        raise TimeoutError("The reader did not begin.")
    try:
        yield found
    finally:
        stop.set()
        first, found.seen = told.get(timeout=LONGEST)
        process.join(LONGEST)
    with psycopg.connect(url) as connection:
        count = sql.SQL("SELECT count(*) FROM {} WHERE notification_id > %s").format(sql.Identifier(table))
        row = connection.execute(count, [first]).fetchone()
        found.logged = row[0] if row else 0


def _follow(url: str, table: str, stop: Event, ready: Event, told: "Queue[tuple[int, int]]") -> None:
    """Begins at the end of the log, and ends when nothing more came after it was told to stop."""
    name = sql.Identifier(table)
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(sql.SQL("SELECT coalesce(max(notification_id), 0) FROM {}").format(name)).fetchone()
        first = bookmark = row[0] if row else 0
        query = sql.SQL(
            "SELECT notification_id FROM {} WHERE notification_id > %s ORDER BY notification_id LIMIT 5000"
        ).format(name)
        ready.set()
        seen = 0
        while True:
            last_look = stop.is_set()
            rows = connection.execute(query, [bookmark]).fetchall()
            if rows:
                seen += len(rows)
                bookmark = rows[-1][0]
            elif last_look:
                break
            else:
                time.sleep(PAUSE)
    told.put((first, seen))
