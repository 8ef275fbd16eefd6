"""Reads the log by position and by moment."""

from collections.abc import Callable
from datetime import datetime
from typing import LiteralString, TypeVar
from uuid import UUID

import msgspec
from eventsourcing.persistence import JSONTranscoder, MapperDeserialisationError, StoredEvent
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.utils import TopicError
from psycopg import Cursor
from psycopg.rows import DictRow

from infra.event_log.mapper import EventMapper
from infra.event_log.parts import StoredRow, is_wanted, stretch
from infra.event_log.reconnecting import reconnecting
from projections.engine.log import Batch, LoggedEvent, Undecodable, Wanted

Result = TypeVar("Result")


class LogReader:
    """Implements `projections.engine.log.LogReader` and answers where streams and moments stand in the log.

    Every method raises `psycopg.OperationalError` while the database cannot be reached.
    """

    datastore: PostgresDatastore
    _decoder = EventMapper(JSONTranscoder())

    def head(self) -> int:
        """The last position, 0 where nothing is logged."""
        return self._number("SELECT max(notification_id) AS number FROM rujukan_events")

    def position_of(self, stream: UUID) -> int:
        """The last position of this stream, 0 where it has none."""
        return self._number(
            "SELECT notification_id AS number FROM rujukan_events WHERE originator_id = %s"
            " ORDER BY originator_version DESC LIMIT 1",
            stream,
        )

    def position_at(self, moment: datetime) -> int:
        """The last position logged at or before this moment, 0 where there is none."""
        return self._number("SELECT log_position_at(%s) AS number", moment)

    def logged_at(self, position: int) -> datetime | None:
        """When the event at this position was logged (UTC); None where there is none."""
        rows = self._rows("SELECT logged_at FROM rujukan_events WHERE notification_id = %s", position)
        return rows[0]["logged_at"] if rows else None

    def read(self, after: int, limit: int) -> list[LoggedEvent]:
        """The next events after a position, in order, without gaps.

        Events before one that cannot be read are still returned; `Undecodable` is raised when it comes first.
        """
        return list(self.batch(after, limit, Wanted()).events)

    def batch(self, after: int, limit: int, wanted: Wanted) -> Batch:
        """What is wanted of the next events after a position, as `projections.engine.log.LogReader` promises it."""
        found = self._carry_out(lambda cursor: stretch(cursor.connection, after, limit, wanted))
        events: list[LoggedEvent] = []
        for row in found.rows:
            try:
                if _told(row, wanted):
                    events.append(self._decoded(row))
            except Undecodable as unreadable:
                if unreadable.position == after + 1:
                    raise
                return Batch(events, unreadable.position - 1)
        return Batch(events, found.last)

    def _decoded(self, row: StoredRow) -> LoggedEvent:
        position, logged_at, stream, version, topic, state = row
        try:
            event = self._decoder.to_domain_event(StoredEvent(stream, version, topic, state))
        except MapperDeserialisationError as error:
            raise Undecodable(position, topic, str(error)) from error
        return LoggedEvent(position, logged_at, stream, version, topic, event)  # type: ignore[arg-type]

    def close_sessions(self) -> None:
        """Closes what is kept open beside the library's pool."""

    def _number(self, query: LiteralString, *parameters: object) -> int:
        rows = self._rows(query, *parameters)
        return rows[0]["number"] or 0 if rows else 0

    def _rows(self, query: LiteralString, *parameters: object) -> list[DictRow]:
        """The rows of one statement, which is tried again if the connection is lost."""
        return self._carry_out(lambda cursor: cursor.execute(query, parameters).fetchall())

    def _carry_out(self, call: Callable[[Cursor[DictRow]], Result]) -> Result:
        self.datastore.pool.open()

        def attempt() -> Result:
            with self.datastore.pool.connection() as connection, connection.cursor() as cursor:
                return call(cursor)

        return reconnecting(self.datastore.pool, attempt)


def _told(row: StoredRow, wanted: Wanted) -> bool:
    try:
        return is_wanted(row, wanted)
    except (TopicError, msgspec.MsgspecError) as error:
        raise Undecodable(row[0], row[4], str(error)) from error
