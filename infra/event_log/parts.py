"""Finds, within a stretch of the log, what one reader wants, without decoding anything else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.utils import TopicError
from psycopg import Connection
from psycopg.rows import tuple_row

from domain.aggregate import RecordedEvent
from domain.events import event_classes
from domain.referral_events import ReferralEvent
from infra.event_log.topics import event_class
from projections.engine.log import Wanted
from projections.engine.shard import WHOLE, Shard

StoredRow = tuple[int, datetime, UUID, int, str, bytes]
"""Position, moment, stream, version, topic and state."""


class Owned(msgspec.Struct):
    """As much of a referral's event as tells whose it is."""

    household: UUID


_owned = msgspec.json.Decoder(Owned).decode

_STRETCH = """
SELECT notification_id, logged_at, originator_id, originator_version, topic, state FROM rujukan_events
WHERE notification_id > %(after)s AND notification_id <= %(last)s
"""
_WANTED = "AND (topic = ANY(%(wanted)s) OR topic <> ALL(%(known)s))"
_OWN = """
AND (topic = ANY(%(shared)s) OR topic <> ALL(%(known)s)
     OR (get_byte(uuid_send(originator_id), 14) * 256 + get_byte(uuid_send(originator_id), 15)) %% %(of)s = %(number)s)
"""
"""As `Shard.holds` has it; whose a referral's event is stands in its state."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows in order up to the position `last`, whatever lies between them."""

    rows: list[StoredRow]
    last: int


def stretch(connection: Connection[Any], after: int, limit: int, wanted: Wanted) -> Stretch:
    """The rows that may be wanted of the next `limit`; positions have no gaps, so the stretch is known by its ends."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        head = cursor.execute("SELECT coalesce(max(notification_id), 0) FROM rujukan_events").fetchone()
        last = min(after + limit, head[0] if head else 0)
        if last <= after:
            return Stretch([], after)
        known, topics, shared = _topics(wanted.classes)
        every, whole = topics == known, wanted.shard == WHOLE
        query = _STRETCH + ("" if every else _WANTED) + ("" if whole else _OWN) + "ORDER BY notification_id"
        given = {"after": after, "last": last, "wanted": topics, "known": known, "shared": shared}
        given |= {"of": wanted.shard.of, "number": wanted.shard.number}
        return Stretch(cursor.execute(query, given, binary=True).fetchall(), last)


def is_wanted(row: StoredRow, wanted: Wanted) -> bool:
    """Raises `TopicError` for an unknown topic, and `msgspec.MsgspecError` for a referral's event without household."""
    cls = event_class(row[4])
    if not isinstance(cls, type) or not issubclass(cls, RecordedEvent):
        raise TopicError(f"{row[4]} is no event of Rujukan")
    return issubclass(cls, wanted.classes) and (wanted.shard == WHOLE or _holds(wanted.shard, cls, row))


def _holds(shard: Shard, cls: type[RecordedEvent], row: StoredRow) -> bool:
    return shard.holds(_owned(row[5]).household if issubclass(cls, ReferralEvent) else row[2])


@cache
def _topics(classes: tuple[type[RecordedEvent], ...]) -> tuple[list[str], list[str], list[str]]:
    """All topics, those of these classes, and those whose stream does not tell the household."""
    known = event_classes()

    def those_of(wanted: Iterable[type[RecordedEvent]]) -> list[str]:
        return sorted(topic for topic, cls in known.items() if issubclass(cls, tuple(wanted)))

    return sorted(known), those_of(classes), those_of((ReferralEvent,))
