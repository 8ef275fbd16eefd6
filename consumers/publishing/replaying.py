"""Sends a partner again what it was sent before, marked as such, with the same ids."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from kafka.producer import KafkaProducer
from psycopg import Connection

from consumers import partners, topics
from consumers.clients import client
from consumers.publishing.lane import READ, Lane
from consumers.publishing.outgoing import ask_due
from consumers.publishing.publisher import LONGEST_CLOSE, publishing
from projections import referral_feed

WAIT = 0.05
"""Seconds between looks whether a message has arrived."""

Progress = Callable[[int, int], None]
"""Told up to which position the partner has it again, and up to which it is to have it."""


class NotToldYet(LookupError):
    """The feed does not tell of all that the partner was sent: it is being made anew, or has stopped."""


def replay(
    session: Connection[dict[str, Any]],
    access: dict[str, Any],
    agency: UUID,
    after: int,
    progress: Progress = lambda *_: None,
) -> int:
    """How many messages: those behind the position `after`, of what the partner was sent: from where it began, up to
    where it has been sent everything.

    What happens meanwhile is sent by the publisher as ever, so the two are mixed in the topic; of one referral, what is
    replayed stays in order. Raises `NotToldYet`, and `KafkaError` where a message does not arrive: it may be done
    again.
    """
    until = partners.sent_up_to(session, agency) or 0
    told, _ = referral_feed.reached(session)
    if told < until:
        raise NotToldYet(f"The feed tells what happened up to position {told}, and {until} is wanted.")
    began = max(after, partners.since(session, agency) or 0)
    lane = Lane(topics.referrals(agency), began, replayed=True)
    sent = 0
    with client(KafkaProducer, {**access, **publishing()}, timeout=LONGEST_CLOSE) as producer:
        while True:
            if lane.wants:
                lane.add(ask_due(session, {agency: lane.read}, READ, until=until)()[agency])
            if lane.is_empty:
                return sent
            sent += lane.send(producer)
            lane.wait(WAIT)
            lane.land()
            if arrived := lane.complete():
                progress(arrived[-1], until)
