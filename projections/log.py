"""What a projection reads: events of the log in the order of their positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.aggregate import RecordedEvent


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event at its place in the log; `version` counts within its stream, `position` in the whole log."""

    position: int
    logged_at: datetime
    stream: UUID
    version: int
    topic: str
    event: RecordedEvent


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
