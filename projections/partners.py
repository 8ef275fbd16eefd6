"""Which agencies read from Kafka, and what waits for each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

MOST_COUNTED = 100_000
"""Messages that wait for one partner; more of them are so many too."""
_STANDINGS = """
SELECT p.agency, a.name, p.since, p.position, p.added_at, p.revoked_at, p.error, waiting.messages,
       coalesce(greatest(0, extract(epoch FROM clock_timestamp() - waiting.since)), 0)::float8 AS seconds
FROM partners p
LEFT JOIN read.agencies a USING (agency)
CROSS JOIN LATERAL (
    SELECT (
        SELECT count(*) FROM (
            SELECT FROM read.referral_feed f
            WHERE f.agency = p.agency AND f.position > p.position AND p.revoked_at IS NULL LIMIT %s
        ) counted
    ) AS messages, (
        SELECT e.logged_at FROM read.referral_feed f JOIN rujukan_events e ON e.notification_id = f.position
        WHERE f.agency = p.agency AND f.position > p.position AND p.revoked_at IS NULL
        ORDER BY f.position LIMIT 1
    ) AS since
) waiting
ORDER BY a.name, p.agency
"""


@dataclass(frozen=True, slots=True)
class Partner:
    """`messages` that are there wait to be sent, the first of them for so many `seconds`; `error` is why the last
    could not be."""

    agency: UUID
    name: str | None
    since: int
    position: int
    added_at: datetime
    revoked_at: datetime | None
    error: str | None
    messages: int
    seconds: float


def standings(conn: Connection[Any]) -> list[Partner]:
    """All there ever were, by name."""
    with conn.cursor(row_factory=class_row(Partner)) as cursor:
        return cursor.execute(_STANDINGS, [MOST_COUNTED]).fetchall()
