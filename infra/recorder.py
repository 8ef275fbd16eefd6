"""Appends to the log: dense positions, one moment per append, and all else that a command writes, or nothing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import OperationalError, StoredEvent
from eventsourcing.postgres import PostgresAggregateRecorder, PostgresApplicationRecorder
from psycopg import Connection, Cursor, sql
from psycopg.rows import DictRow

from domain.errors import AlreadyRegistered, KeyReused
from domain.values import Claim, Receipt
from infra.command_records import CommandRecords, claiming_pool, write_claims, write_receipt, write_releases
from infra.reconnecting import reconnecting

CLASHES = 5

_INSERT = sql.SQL("""
WITH head AS MATERIALIZED (
    SELECT notification_id, logged_at FROM public.rujukan_events ORDER BY notification_id DESC LIMIT 1
), append AS MATERIALIZED (
    SELECT coalesce((SELECT notification_id FROM head), 0) AS position,
           greatest(clock_timestamp(), (SELECT logged_at FROM head)) AS logged_at
)
INSERT INTO public.rujukan_events (originator_id, originator_version, topic, state, notification_id, logged_at)
SELECT e.originator_id, e.originator_version, e.topic, e.state, append.position + e.place, append.logged_at
FROM append, unnest(%s::public.stored_event_uuid[])
    WITH ORDINALITY AS e (originator_id, originator_version, topic, state, place)
ORDER BY e.place
RETURNING notification_id
""")


class Recorder(CommandRecords, PostgresApplicationRecorder):
    """The library's recorder, which appends under an exclusive table lock, with what Rujukan writes in the same breath.

    As the head of the log is read under that lock and commits happen in its order, positions have no gaps and a reader
    that follows them misses nothing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.insert_events_statement = sql.Composed([_INSERT])
        self._claiming = claiming_pool(self.datastore)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Appends and returns the positions given.

        Keyword arguments, all written in the append's transaction, also where there are no events: `claims`
        (`Sequence[Claim]`), `releases` (`Sequence[Release]`), which go first, and `receipt` (`Receipt`). A receipt is
        given the append's last position, or `position` where there are no events; its version is its own, or where
        that is 0 the last event's.

        Raises `AlreadyRegistered`, `KeyReused`, and for a version taken by another event the library's
        `IntegrityError`. An append that was committed but whose reply was lost is recognised and succeeds.
        """
        for _ in range(CLASHES):
            try:
                return reconnecting(self.datastore.pool, lambda: self._append(stored_events, **kwargs))
            except _Vanished:
                continue
        raise OperationalError("What stood in the way of this append kept changing.")

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        undecorated: Any = PostgresAggregateRecorder.select_events.__wrapped__
        events: Sequence[StoredEvent] = reconnecting(
            self.datastore.pool, lambda: undecorated(self, originator_id, **kwargs)
        )
        return events

    def _append(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        with self.datastore.get_connection() as connection:
            try:
                with connection.transaction(), connection.cursor() as cursor:
                    self._lock_table(cursor)
                    self._insert_events(cursor, stored_events, **kwargs)
                    positions = self._insert_positioned(cursor, stored_events)
                    self._insert_receipt(cursor, stored_events, positions, **kwargs)
                    return positions
            except (psycopg.errors.UniqueViolation, KeyReused) as error:
                positions_before = _stored_before(connection, stored_events)
                if positions_before is not None:
                    return positions_before
                if isinstance(error, KeyReused) and not stored_events and self._same_receipt(**kwargs):
                    return []
                if isinstance(error, psycopg.Error) and error.diag.table_name == "identity_index":
                    raise _clash(connection, kwargs.get("claims", ())) from error
                raise

    def _insert_events(self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        write_releases(curs, kwargs.get("releases", ()))
        write_claims(curs, kwargs.get("claims", ()))

    def _insert_positioned(self, cursor: Cursor[DictRow], stored_events: Sequence[StoredEvent]) -> list[int]:
        if not stored_events:
            return []
        self._notify_channel(cursor)
        PostgresAggregateRecorder._insert_stored_events(self, cursor, stored_events)
        return sorted(row["notification_id"] for row in cursor.fetchall())

    def _insert_receipt(
        self, cursor: Cursor[DictRow], stored_events: Sequence[StoredEvent], positions: Sequence[int], **kwargs: Any
    ) -> None:
        receipt: Receipt | None = kwargs.get("receipt")
        if receipt is None:
            return
        position = positions[-1] if positions else kwargs.get("position") or receipt.position
        version = receipt.version or (stored_events[-1].originator_version if stored_events else 0)
        if not write_receipt(cursor, receipt, position, version):
            raise KeyReused

    def _same_receipt(self, receipt: Receipt, **_: Any) -> bool:
        found = self.receipt(receipt.caller, receipt.route, receipt.key)
        return found is not None and (found.fingerprint, found.status, found.ids) == (
            receipt.fingerprint, receipt.status, receipt.ids
        )  # fmt: skip


class _Vanished(Exception):
    """What stood in the way of an append was gone when looked at."""


def _stored_before(connection: Connection[DictRow], stored_events: Sequence[StoredEvent]) -> list[int] | None:
    """The positions of exactly these events where all of them are stored: a commit whose reply was lost."""
    positions = []
    for event in stored_events:
        row = connection.execute(
            "SELECT notification_id FROM rujukan_events WHERE originator_id = %s AND originator_version = %s"
            " AND topic = %s AND state = %s",
            [event.originator_id, event.originator_version, event.topic, event.state],
        ).fetchone()
        if row is None:
            return None
        positions.append(row["notification_id"])
    return positions or None


def _clash(connection: Connection[DictRow], claims: Sequence[Claim]) -> Exception:
    for claim in claims:
        row = connection.execute(
            "SELECT household FROM identity_index WHERE kind = %s AND digest = %s AND key_version = %s",
            [claim.key.kind, claim.key.digest, claim.key.version],
        ).fetchone()
        if row is not None:
            return AlreadyRegistered(claim.key.kind, row["household"])
    if len({claim.key for claim in claims}) < len(claims):
        twice = next(claim for claim in claims if [other.key for other in claims].count(claim.key) > 1)
        return AlreadyRegistered(twice.key.kind, twice.household)
    return _Vanished()
