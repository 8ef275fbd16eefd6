"""What happened to the referrals of an agency, in the order of the log.

Shards of the projection come along each at its own pace. Nothing is shown that stands behind the last of them: whoever
had read on past it would never see what that one has yet to tell.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from psycopg import Connection

_WHOLE = "(SELECT min(position) FROM read.projection_position WHERE name = 'referrals')"
"""Up to where all shards have told; null before the first one ran."""
_READ = f"""
SELECT f.*, e.logged_at
FROM read.referral_feed f JOIN rujukan_events e ON e.notification_id = f.position
WHERE f.agency = %(agency)s AND f.position > %(after)s AND f.position <= {_WHOLE}
ORDER BY f.position LIMIT %(limit)s
"""
_NEWEST = f"""
SELECT asked.agency, newest.position
FROM unnest(%(agencies)s::uuid[]) asked(agency)
CROSS JOIN LATERAL (
    SELECT max(f.position) AS position FROM read.referral_feed f
    WHERE f.agency = asked.agency AND f.position <= {_WHOLE}
) newest
WHERE newest.position IS NOT NULL
"""


def read(conn: Connection[dict[str, Any]], agency: UUID, after: int, limit: int) -> list[dict[str, Any]]:
    """What happened after a position: opaque ids, `type`, `on`, `state` then, codes, and `logged_at`."""
    return conn.execute(_READ, {"agency": agency, "after": after, "limit": limit}).fetchall()


def newest(conn: Connection[dict[str, Any]], agencies: Collection[UUID]) -> dict[UUID, int]:
    """The position of the last thing that happened for each; those are left out for which nothing has."""
    rows = conn.execute(_NEWEST, {"agencies": list(agencies)})
    return {row["agency"]: row["position"] for row in rows}
