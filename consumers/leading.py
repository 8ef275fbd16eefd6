"""Of several processes one leads: by a lock of its database session, which goes when the session goes."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

STANDBY = 1.0
"""Seconds between looks whether the leader is gone."""


@dataclass(frozen=True, slots=True)
class Leading:
    """`connect` opens a session of its own, which commits by itself. `backoff` are the seconds before another
    try, after each fault in a row: with none between them that led for longer than the last of these."""

    connect: Callable[[], Connection[Any]]
    lock: int
    backoff: Sequence[float]

    def run(
        self,
        lead: Callable[[Connection[Any], threading.Event], None],
        failed: Callable[[Exception], None],
        stop: threading.Event,
    ) -> None:
        """Until told to stop; a fault ends the lead, is told of, and is followed by another try."""
        faults, led_since = 0, time.monotonic()
        while not stop.is_set():
            try:
                with self.connect() as session:
                    self._stand_by(session, stop)
                    led_since = time.monotonic()
                    if not stop.is_set():
                        lead(session, stop)
            except Exception as fault:
                if time.monotonic() - led_since > self.backoff[-1]:
                    faults = 0
                failed(fault)
                stop.wait(self.backoff[min(faults, len(self.backoff) - 1)])
                faults += 1

    def _stand_by(self, session: Connection[Any], stop: threading.Event) -> None:
        while not stop.is_set() and not takes_the_lead(session, self.lock):
            stop.wait(STANDBY)


def takes_the_lead(session: Connection[Any], lock: int) -> bool:
    """Whether the session has the lock from now on, as nobody else has it."""
    with session.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock]).fetchone())
