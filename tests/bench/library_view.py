"""One of our projections as a user of the event library would run it: one event a transaction."""

from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection as LibraryProjection
from eventsourcing.utils import get_topic
from psycopg import Cursor, sql
from psycopg.rows import DictRow

from domain.aggregate import RecordedEvent
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Draft, Drop, Projection, Row, Table

_encode = msgspec.json.Encoder().encode


class View(PostgresTrackingRecorder):
    """Keeps states and rows in the tables of schema `read`, with the library's own note of how far it has come.

    Statements are made once for each shape of row and prepared by the server.
    """

    def take(self, projection: Projection[Any], key: UUID, logged: LoggedEvent, tracking: Tracking) -> None:
        """Loads, folds and writes in one transaction."""
        states = f"{projection.name}_state"
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(f'SELECT state::text FROM read."{states}" WHERE key = %s', [key], prepare=True)
            row = cursor.fetchone()
            before = None if row is None else msgspec.json.decode(row["state"], type=projection.state)
            after, changes = projection.fold(before, logged)
            self._insert_tracking(cursor, tracking)
            if after is not before:
                self._put(cursor, Table(states, ("key",)), {"key": key, "state": after})
            for change in changes:
                self._change(cursor, change)

    def skip(self, tracking: Tracking) -> None:
        self.insert_tracking(tracking)

    def _change(self, cursor: Cursor[DictRow], change: Change) -> None:
        if isinstance(change, Drop):
            names = change.table.key
            same = " AND ".join(f'"{name}" = %s' for name in names)
            gone = f'DELETE FROM read."{change.table.name}" WHERE {same}'
            cursor.execute(gone, [change.key[name] for name in names], prepare=True)
        else:
            row = change.make(*change.of) if isinstance(change, Draft) else change.row
            self._put(cursor, change.table, row)

    def _put(self, cursor: Cursor[DictRow], table: Table, row: Row) -> None:
        """Through JSON, which fits every type of column, as ours does."""
        cursor.execute(_upsert(table, tuple(row)), [_encode(row).decode()], prepare=True)


@cache
def _upsert(table: Table, columns: tuple[str, ...]) -> str:
    others = [name for name in columns if name not in table.key]
    sums = [sql.SQL("{0} = t.{0} + EXCLUDED.{0}" if n in table.sums else "{0} = EXCLUDED.{0}").format(sql.Identifier(n))
            for n in others]  # fmt: skip
    statement = sql.SQL(
        "INSERT INTO {table} AS t ({names}) SELECT {names} FROM json_populate_record(NULL::{table}, %s::json)"
        " ON CONFLICT ({key}) DO {update}"
    ).format(
        table=sql.Identifier("read", table.name),
        names=sql.SQL(", ").join(map(sql.Identifier, columns)),
        key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
        update=sql.SQL("UPDATE SET {}").format(sql.SQL(", ").join(sums)) if others else sql.SQL("NOTHING"),
    )
    return statement.as_string(None)


def as_library_projection(projection: Projection[Any], topics: tuple[str, ...]) -> type[LibraryProjection[View]]:
    """Only events of these topics are read, as the library offers."""

    class Folding(LibraryProjection[View]):
        name = f"library_{projection.name}"

        def process_event(self, domain_event: Any, tracking: Tracking) -> None:
            logged = logged_event(domain_event, tracking.notification_id)
            key = projection.key(logged)
            if key is None:
                self.view.skip(tracking)
            else:
                self.view.take(projection, key, logged, tracking)

    Folding.topics = topics
    return Folding


def logged_event(event: RecordedEvent, position: int) -> LoggedEvent:
    """The library keeps no moment of logging, so that of recording stands in its place."""
    topic = get_topic(type(event))
    return LoggedEvent(position, event.timestamp, event.originator_id, event.originator_version, topic, event)
