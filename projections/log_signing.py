"""How far the log is signed, and why it is not signed any further, for those who keep it running."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

_STANDING = """
SELECT signed.position, greatest(0, log.head - signed.position) AS lag,
       coalesce((
           SELECT greatest(0, extract(epoch FROM clock_timestamp() - logged_at)) FROM rujukan_events
           WHERE notification_id > signed.position ORDER BY notification_id LIMIT 1
       ), 0)::float8 AS lag_seconds,
       told.refused, CASE WHEN told.refused IS NOT NULL THEN told.since END AS since
FROM (SELECT coalesce(max(size), 0) AS position FROM checkpoints) signed
CROSS JOIN (SELECT coalesce(max(notification_id), 0) AS head FROM rujukan_events) log
LEFT JOIN log_signing told ON true
"""
_TELL = """
INSERT INTO log_signing AS told (refused, since) VALUES (%(refused)s, now())
ON CONFLICT (only_row) DO UPDATE SET refused = EXCLUDED.refused, since = EXCLUDED.since
WHERE told.refused IS DISTINCT FROM EXCLUDED.refused
"""


@dataclass(frozen=True, slots=True)
class Signing:
    """A checkpoint holds the log up to `position`. `lag` events are in none, the first of them for `lag_seconds`.
    `refused` is why nothing is signed, `since` when; None while all is well."""

    position: int
    lag: int
    lag_seconds: float
    refused: str | None
    since: datetime | None


def standing(conn: Connection[Any]) -> Signing:
    with conn.cursor(row_factory=class_row(Signing)) as cursor:
        (found,) = cursor.execute(_STANDING).fetchall()
        return found


def tell(conn: Connection[Any], refused: str | None) -> None:
    conn.execute(_TELL, {"refused": refused})
