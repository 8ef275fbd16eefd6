"""Appends to the log by its one door; appends of many callers at once share a commit."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing import persistence
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresAggregateRecorder, PostgresApplicationRecorder

from domain.aggregate import Recorded
from domain.errors import KeyReused
from domain.values import Claim, Receipt
from infra.event_log.appends import APPEND, Append, Group, Release, answers, parameters
from infra.event_log.combining import Combiner
from infra.event_log.command_records import CommandRecords
from infra.event_log.reconnecting import reconnecting
from infra.event_log.session import Session, by_key
from infra.event_log.snapshots import due
from infra.event_log.streams import Streams


class Recorder(CommandRecords, Streams, PostgresApplicationRecorder):
    """The library's recorder, with the function `append_to_log` in place of its lock and inserts.

    Positions have no gaps and a reader that follows them misses nothing. A conflict in one append fails that one alone,
    whoever it shares a commit with.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._appending = Session(by_key(self.datastore))
        self._group: Combiner[Append, list[int]] = Combiner(self._append, lambda: Group().admits)

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        claims: Sequence[Claim] = (),
        releases: Sequence[Release] = (),
        receipt: Receipt | None = None,
        position: int = 0,
        decided: Sequence[Recorded] = (),
        **_: Any,
    ) -> Sequence[int]:
        """Appends and returns the positions given.

        Releases, claims and receipt are written in the append's transaction, also where there are no events. A receipt
        is given the append's last position, or `position` where there are no events; its version is its own, or where
        that is 0 the last event's. `decided` are records as they stand after the events: snapshots are taken of them.

        Raises `AlreadyRegistered`, `KeyReused`, and for a version taken by another event the library's
        `IntegrityError`. An append that was committed but whose reply was lost is recognised and succeeds.
        """
        append = Append(stored_events, claims, releases, receipt, position, due(decided, stored_events))
        if not stored_events and append.receipt is None and not claims and not releases:
            return []
        append.check()
        try:
            return self._group.submit(append)
        except KeyReused:
            if not stored_events and self._same_receipt(append):
                return []
            raise

    def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]:
        undecorated: Any = PostgresAggregateRecorder.select_events.__wrapped__
        events: Sequence[StoredEvent] = reconnecting(
            self.datastore.pool, lambda: undecorated(self, originator_id, **kwargs)
        )
        return events

    def close_sessions(self) -> None:
        super().close_sessions()
        self._appending.close()

    def _append(self, group: Sequence[Append]) -> Sequence[list[int] | BaseException]:
        """Where the fault may be of one append alone (what cannot be sent, or held by the database), each is tried by
        itself."""
        try:
            return answers(group, self._appending.execute(APPEND, parameters(group)))
        except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
            return [_as_of_the_library(fault) for _ in group]
        except Exception as fault:
            if len(group) == 1:
                return [_as_of_the_library(fault) if isinstance(fault, psycopg.Error) else fault]
            return [answer for append in group for answer in self._append([append])]

    def _same_receipt(self, append: Append) -> bool:
        receipt = append.receipt
        if receipt is None:
            return False
        found = self.receipt(receipt.caller, receipt.route, receipt.key)
        return found is not None and (found.fingerprint, found.status, found.ids) == (
            receipt.fingerprint, receipt.status, receipt.ids
        )  # fmt: skip


def _as_of_the_library(fault: psycopg.Error) -> Exception:
    """The library's error of the same name, for each caller one of its own."""
    kinds = (kind.__name__ for kind in type(fault).__mro__)
    name = next((kind for kind in kinds if hasattr(persistence, kind)), "PersistenceError")
    error: Exception = getattr(persistence, name)(str(fault))
    error.__cause__ = fault
    return error
