"""What tests of the machinery do: log events behind the story, run runners, look at tables."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg

from projections.engine.log import LoggedEvent
from projections.engine.projection import Projection
from projections.engine.runner import Connect, Runner
from tests.projections.engine.tally import TALLY


def query(connect: Connect, text: str) -> list[tuple[Any, ...]]:
    with connect() as connection:
        return connection.execute(text).fetchall()


def each_counted_once(connect: Connect, upto: int) -> bool:
    counted = query(connect, "SELECT topic, times::bigint FROM read.tally_counts")
    logged = f"SELECT topic, count(*) FROM log WHERE position <= {upto} GROUP BY topic"
    return sorted(counted) == sorted(query(connect, logged))


@contextmanager
def running(*runners: Runner[Any]) -> Iterator[threading.Event]:
    stop = threading.Event()
    threads = [threading.Thread(target=runner.run, args=[stop]) for runner in runners]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in threads)


def eventually(holds: Callable[[], object], within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it never came to it"
        time.sleep(0.01)


def add(told: str, topic: str = "household.left.v1", state: str = '{"on":"2026-06-30"}') -> int:
    """Logs another event behind the story and returns its position."""
    with psycopg.connect(told) as connection:
        row = connection.execute(
            "INSERT INTO rujukan_events SELECT %s, 1, %s, convert_to(%s, 'UTF8'), max(notification_id) + 1, now()"
            " FROM rujukan_events RETURNING notification_id",
            [uuid4(), topic, state],
        ).fetchone()
        connection.execute("NOTIFY rujukan_events")
    assert row is not None
    return int(row[0])


def readable(told: str) -> int:
    state = (
        '{"by":"x","caused_by":"00000000-0000-0000-0000-000000000001","on":"2026-06-30","reason":"merged",'
        '"recorded_at":"2026-06-30T00:00:00Z"}'
    )
    return add(told, state=state)


def faulty(at: int) -> tuple[Projection[Any], list[int]]:
    """A projection that cannot fold the event at this position until the list is emptied."""
    faults = [at]

    def fold(state: Any, logged: LoggedEvent) -> Any:
        if logged.position in faults:
            raise LookupError("no such agency")
        return TALLY.fold(state, logged)

    return replace(TALLY, fold=fold), faults
