"""Loads the records that commands decide on; what many callers ask for at once is one query."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import msgspec
import structlog
from eventsourcing.persistence import StoredEvent
from psycopg import sql

from domain.aggregate import Recorded
from infra.event_log import snapshots
from infra.event_log.array_literals import plain
from infra.event_log.combining import Combiner, up_to
from infra.event_log.reader import LogReader
from infra.event_log.session import Session, by_key

_log = structlog.get_logger("log")

MOST_STREAMS = 1000
"""Of one query."""

Stored = dict[UUID, list[StoredEvent]]

_LOAD = sql.SQL("""
WITH kept AS MATERIALIZED (
    SELECT s.originator_id, s.originator_version, s.topic, s.state
    FROM unnest(%(streams)s::uuid[]) AS asked (stream)
    JOIN snapshots s ON s.originator_id = asked.stream
    WHERE s.topic = %(topic)s AND EXISTS (
        SELECT FROM rujukan_events l
        WHERE l.originator_id = s.originator_id AND l.originator_version = s.originator_version
    )
)
SELECT originator_id, originator_version, topic, state FROM kept
UNION ALL
SELECT e.originator_id, e.originator_version, e.topic, e.state
FROM (
    SELECT asked.stream, coalesce(max(kept.originator_version), 0) AS version
    FROM unnest(%(streams)s::uuid[]) AS asked (stream)
    LEFT JOIN kept ON kept.originator_id = asked.stream
    GROUP BY asked.stream
) known
CROSS JOIN LATERAL (
    SELECT l.originator_id, l.originator_version, l.topic, l.state FROM rujukan_events l
    WHERE l.originator_id = known.stream AND l.originator_version > known.version
    ORDER BY l.originator_version
) e
ORDER BY originator_id, originator_version
""")


class Streams(LogReader):
    """The aggregates of the log, from their latest snapshots on."""

    if TYPE_CHECKING:

        def select_events(self, originator_id: UUID | str, **kwargs: Any) -> Sequence[StoredEvent]: ...

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._loading = Session(by_key(self.datastore))
        self._asked: Combiner[Sequence[UUID], Stored] = Combiner(self._load_together, up_to(MOST_STREAMS))

    def records(self, streams: Sequence[UUID]) -> dict[UUID, Recorded]:
        """Those of these streams that have events, as they stand now; each caller is given records of its own.

        Raises what the mapper raises for an event that cannot be read.
        """
        found = self._asked.submit(streams)
        return {stream: self._replayed(found[stream]) for stream in streams if stream in found}

    def close_sessions(self) -> None:
        self._loading.close()

    def _replayed(self, stored: Sequence[StoredEvent]) -> Recorded:
        record: Any = None
        for event in stored:
            if event.topic == snapshots.TOPIC:
                try:
                    record = snapshots.restored(event)
                except (msgspec.MsgspecError, ValueError):
                    _log.warning("snapshot-unreadable", stream=str(event.originator_id))
                    return self._replayed(self.select_events(event.originator_id))
            else:
                record = self._decoder.to_recorded_event(event).mutate(record)
        return cast(Recorded, record)

    def _load_together(self, asked: Sequence[Sequence[UUID]]) -> list[Stored | BaseException]:
        streams = list({stream for some in asked for stream in some})
        found: Stored = defaultdict(list)
        for row in self._loading.execute(_LOAD, {"streams": plain(streams), "topic": snapshots.TOPIC}):
            found[row["originator_id"]].append(StoredEvent(*row.values()))
        return [found] * len(asked)
