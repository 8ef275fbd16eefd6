"""What a projection reads: events of the log in the order of their positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.aggregate import RecordedEvent
from projections.engine.shard import WHOLE, Shard


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event at its place in the log; `version` counts within its stream, `position` in the whole log."""

    position: int
    logged_at: datetime
    stream: UUID
    version: int
    topic: str
    event: RecordedEvent


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a reader cares for: those of these classes, and of them the households that its shard holds.

    A referral's events go with its household, all others by their stream.
    """

    classes: tuple[type[RecordedEvent], ...] = (RecordedEvent,)
    shard: Shard = WHOLE


@dataclass(frozen=True, slots=True)
class Batch:
    """The wanted events up to the position `last`, in order; others up to there are nothing to this reader."""

    events: Sequence[LoggedEvent]
    last: int


class Undecodable(Exception):
    """A logged event that this version cannot read; a projection that meets it stops there."""

    def __init__(self, position: int, topic: str, reason: str) -> None:
        super().__init__(f"The event at position {position} ({topic}) cannot be read: {reason}")
        self.position = position
        self.topic = topic


class LogReader(Protocol):
    """Reads the log by position; positions are dense, so nothing is ever missed behind a bookmark.

    Every method raises `psycopg.OperationalError` while the database cannot be reached.
    """

    def head(self) -> int:
        """The last position there is, 0 for an empty log."""
        ...

    def read(self, after: int, limit: int) -> Sequence[LoggedEvent]:
        """The next events behind `after`.

        Those before an event that cannot be read are still returned; `Undecodable` is raised when it comes first.
        """
        ...

    def batch(self, after: int, limit: int, wanted: Wanted) -> Batch:
        """The wanted ones of the next `limit` events behind `after`; `last` is `after` at the end of the log.

        Events that are not wanted are not decoded. One of an unknown topic is everybody's. A batch ends before an event
        that cannot be read; `Undecodable` is raised when that comes first.
        """
        ...
