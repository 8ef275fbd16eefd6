"""The publisher: brings what happened to referrals, and which answers were refused, to the topics of the partners.

One leads, by a session lock on the database; the others wait for the lock. The leader records what was sent on that
same session, so that one that has lost the lock records nothing.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from kafka.producer import KafkaProducer
from psycopg import Connection

from consumers import partners
from consumers.clients import client
from consumers.leading import Leading, takes_the_lead
from consumers.points import Reached, unnoticed
from consumers.publishing.partitioning import RememberingPartitioner
from consumers.publishing.reaching import Reaching
from consumers.publishing.sending import Sending, Turn

LOCK = 0x52554A550101
IDLE = 0.5
"""Seconds after which the log is looked at though nobody told of an event."""
SOON = 0.02
"""Seconds until the next look while the rows of an event that was told of are still being folded."""
IMPATIENCE = 0.1
"""Of the time for which they have not come: a projection that stands still is not looked at fifty times a second."""
BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0)
LONGEST_CLOSE = 5.0

_log = structlog.get_logger("publisher")

PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": False,
    "linger_ms": 2,
    "batch_size": 65_536,
    "max_block_ms": 2_000,
    "request_timeout_ms": 5_000,
    "delivery_timeout_ms": 10_000,
    "bootstrap_timeout_ms": 5_000,
    "reconnect_backoff_max_ms": 1_000,
    "allow_auto_create_topics": False,
}
"""All replicas hold a message before it counts as sent; what cannot be delivered is told soon, and sent again. Order is
the lane's: an idempotent producer of kafka-python 3.0.12 sends nothing to anybody once a message that it had tried has
expired."""


def publishing() -> dict[str, Any]:
    """The same, of a producer that sends many messages of each referral."""
    return {**PRODUCER, "partitioner": RememberingPartitioner()}


ADMINISTRATOR: dict[str, Any] = {
    "request_timeout_ms": 5_000,
    "bootstrap_timeout_ms": 5_000,
    "reconnect_backoff_max_ms": 1_000,
}


def left_out(session: Connection[dict[str, Any]]) -> None:
    """Tells that nobody sends partners anything, unless somebody does."""
    if takes_the_lead(session, LOCK):
        partners.all_failed(session, "LeftOut")
        session.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


class Publisher:
    """`connect` opens a session of its own that gives rows as dictionaries and commits by itself; `access` is how
    clients of the broker are configured."""

    def __init__(
        self,
        connect: Callable[[], Connection[dict[str, Any]]],
        access: dict[str, Any],
        reached: Reached = unnoticed,
    ) -> None:
        self._connect = connect
        self._access = access
        self._reached = reached

    def run(self, stop: threading.Event) -> None:
        """Until told to stop, once it leads; what is lost meanwhile is met with patience."""
        Leading(self._connect, LOCK, BACKOFF).run(self._lead, _failed, stop)

    def _lead(self, session: Connection[dict[str, Any]], stop: threading.Event) -> None:
        session.execute("LISTEN rujukan_events")
        try:
            with (
                client(KafkaProducer, {**self._access, **publishing()}, timeout=LONGEST_CLOSE) as producer,
                client(KafkaAdminClient, {**self._access, **ADMINISTRATOR}) as administrator,
            ):
                sending = Sending(session, producer, lambda: set(administrator.list_topics()), self._reached)
                reaching = Reaching(session, administrator.describe_cluster)
                _log.info("publisher-leads")
                while not stop.is_set():
                    reaching.look()
                    turn_and_rest(session, sending)
                sending.finish()
        except KafkaError as fault:
            partners.all_failed(session, type(fault).__name__)
            raise


def turn_and_rest(session: Connection[dict[str, Any]], sending: Sending) -> Turn:
    """Rests until there is something to do: an acknowledgement, rows that are being folded, or an event; and, but for a
    backlog, as long as the turn took, so that on a busy machine turns send more, and are fewer."""
    began = time.monotonic()
    turn = sending.turn()
    until = time.monotonic() + min(time.monotonic() - began, SOON)
    if sending.held:
        sending.wait(SOON)
    elif turn.behind is not None:
        time.sleep(min(IDLE, max(SOON, turn.behind * IMPATIENCE)))
    elif not turn.sent:
        list(session.notifies(timeout=IDLE, stop_after=1))
    if not turn.backlog:
        time.sleep(max(0.0, until - time.monotonic()))
    return turn


def _failed(fault: Exception) -> None:
    _log.error("publisher-failed", kind=type(fault).__name__)
