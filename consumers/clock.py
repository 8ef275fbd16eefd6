"""The clock: writes the passing of each deadline as an event, once, however many clocks there are."""

import threading
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import structlog
from psycopg import Connection
from psycopg_pool import ConnectionPool

from domain.application import Rujukan
from domain.errors import DomainError
from domain.ports import Time
from domain.values import Actor, Command, Role
from projections import referrals

CLOCK = Actor("rujukan-clock", Role.CLOCK)
PAGE = 200

_log = structlog.get_logger("clock")


class Clock:
    """Asks which referrals have a deadline behind them, and lets each decide.

    What it reads may lag behind the log: a referral for which nothing is due any more decides that nothing happens. Two
    clocks that decide on one referral at once conflict in the log, and the second decides again.
    """

    def __init__(self, application: Rujukan, pool: ConnectionPool[Connection[dict[str, Any]]], time: Time) -> None:
        self._application = application
        self._pool = pool
        self._time = time

    def tick(self, today: date | None = None) -> int:
        """Writes every deadline that has passed by this day, and returns how many events this clock wrote."""
        day = today or self._time.today()
        written, passed = 0, None
        while due := self._due(day, passed):
            written += sum(self._pass(referral, day) for referral in due)
            passed = due[-1]
        return written

    def run(self, stop: threading.Event, every: float) -> None:
        """Ticks every so many seconds until told to stop; a failed round is told of and made again."""
        while not stop.is_set():
            try:
                if written := self.tick():
                    _log.info("deadlines-passed", events=written)
            except Exception as error:
                _log.error("clock-failed", kind=type(error).__name__)
            stop.wait(every)

    def _due(self, day: date, passed: UUID | None) -> list[UUID]:
        with self._pool.connection() as connection:
            return referrals.due(connection, day, PAGE, passed=passed)

    def _pass(self, referral: UUID, day: date) -> int:
        """A referral can have several deadlines behind it, such as its answer and its expiry."""
        written = 0
        while True:
            try:
                outcome = self._application.pass_deadline(referral, Command(uuid4(), CLOCK, day, day))
            except DomainError as error:
                _log.error("deadline-not-written", referral=str(referral), code=error.code)
                return written
            if outcome.satisfied:
                return written
            written += 1
