"""Whether the broker answers the publisher, though there is nothing to be sent."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from kafka.errors import KafkaError
from psycopg import Connection

from consumers import partners

LOOK_EVERY = 2.0
"""Seconds."""

_log = structlog.get_logger("publisher")


@dataclass
class Reaching:
    """`ask` is a question to the broker; while it is not answered no partner is reached, and when it is again, what
    was wrong before is wrong only where it is found out anew."""

    session: Connection[dict[str, Any]]
    ask: Callable[[], object]
    _away: bool | None = None
    _looked: float = -LOOK_EVERY

    def look(self) -> None:
        """Seldom; one that does not answer holds the caller up for as long as `ask` waits for it."""
        if time.monotonic() - self._looked < LOOK_EVERY:
            return
        try:
            self.ask()
        except KafkaError as fault:
            self._lost(fault)
        else:
            self._found()
        self._looked = time.monotonic()

    def _lost(self, fault: Exception) -> None:
        if not self._away:
            _log.warning("broker-not-reached", kind=type(fault).__name__)
        self._away = True
        partners.all_failed(self.session, type(fault).__name__)

    def _found(self) -> None:
        if self._away:
            _log.warning("broker-reached-again")
        if self._away is not False:
            partners.all_reached(self.session)
        self._away = False
