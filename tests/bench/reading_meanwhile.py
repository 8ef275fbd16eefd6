"""A reader, in a process of its own, who asks the same again and again while tables change places."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import dict_row

from domain.values import Actor, Role
from infra.persistence import session_parameters
from projections import follow_up, graduation_counts, households
from tests.bench.logs import DAY

PROCESSES = multiprocessing.get_context("spawn")
LONGEST = 300.0
PAUSE = 0.005
"""Seconds between questions."""
OFFICER = Actor("officer-kemensos", Role.PROGRAMME_OFFICER)
DAYS = follow_up.FollowUpDays(14, 14, 14)


@dataclass
class Read:
    """How often was read, how often in vain or with another answer than at first, and the longest wait in seconds."""

    times: int = 0
    failed: int = 0
    longest: float = 0.0


@contextmanager
def read_meanwhile(url: str) -> Iterator[Read]:
    """Reads of households, follow-up and graduations while inside; the log must stand still. The numbers come after."""
    found = Read()
    stop, told = PROCESSES.Event(), PROCESSES.Queue()
    process = PROCESSES.Process(target=_read, args=(url, stop, told), daemon=True)
    process.start()
    try:
        yield found
    finally:
        stop.set()
        found.times, found.failed, found.longest = told.get(timeout=LONGEST)
        process.join(LONGEST)


def _read(url: str, stop: Event, told: "Queue[tuple[int, int, float]]") -> None:
    session: Any = session_parameters(url)
    with psycopg.connect(**session, autocommit=True, row_factory=dict_row) as connection:
        expected = _answers(connection)
        times, failed, longest = 0, 0, 0.0
        while not stop.is_set():
            began = time.perf_counter()
            try:
                failed += _answers(connection) != expected
            except psycopg.Error:
                failed += 1
            longest = max(longest, time.perf_counter() - began)
            times += 1
            time.sleep(PAUSE)
    told.put((times, failed, longest))


def _answers(connection: Connection[dict[str, Any]]) -> list[Any]:
    """As the handlers of the three routes ask."""
    listed = households.listing(connection, OFFICER, DAY, limit=20)
    waiting = follow_up.listing(connection, OFFICER, DAY, as_of=DAY, days=DAYS, limit=20)
    question = graduation_counts.CountQuestion(year=DAY.year, as_of=DAY, by="month")
    return [listed, waiting, graduation_counts.counts(connection, OFFICER, question)]
