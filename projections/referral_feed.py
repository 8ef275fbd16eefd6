"""What happened to the referrals of an agency, in the order of the log.

Shards of the projection come along each at its own pace. Nothing is shown that stands behind the last of them: whoever
had read on past it would never see what that one has yet to tell.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from psycopg import Connection

_WHOLE = "(SELECT min(position) FROM read.projection_position WHERE name = 'referrals')"
"""Up to where all shards have told; null before the first one ran."""
_READ = f"""
SELECT f.agency::text, f.position, f.type, f.referral::text, f.household::text, f.member::text, f.service::text,
       f."on", f.state, f.codes, to_char(e.logged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS time
FROM unnest(%(agencies)s::uuid[], %(behind)s::bigint[]) asked(agency, behind)
CROSS JOIN LATERAL (
    SELECT * FROM read.referral_feed f
    WHERE f.agency = asked.agency AND f.position > asked.behind
    ORDER BY f.position LIMIT %(limit)s
) f
JOIN rujukan_events e ON e.notification_id = f.position
WHERE f.position <= least({_WHOLE}, %(until)s::bigint)
ORDER BY f.agency, f.position
"""
"""What may not be shown yet is cut off at the end, and not in the condition by which rows are found: of two bounds
PostgreSQL expects few rows, and sorts all of a long backlog for the first thousand."""
_REACHED = f"""
SELECT coalesce({_WHOLE}, 0) AS whole, coalesce((SELECT max(notification_id) FROM rujukan_events), 0) AS head
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


def read(
    conn: Connection[dict[str, Any]], agency: UUID, after: int, limit: int, *, until: int | None = None
) -> list[dict[str, Any]]:
    """What happened after a position, and up to another if that is given: opaque ids as text, as messages hold them,
    `type`, `on`, `state` then, codes, and the `time` at which it was logged, in RFC 3339."""
    return ask(conn, {agency: after}, limit, until=until)()


def ask(
    conn: Connection[dict[str, Any]], behind: Mapping[UUID, int], limit: int, *, until: int | None = None
) -> Callable[[], list[dict[str, Any]]]:
    """The same of several agencies, of each behind its own position: `limit` rows of each, agency by agency. What is
    returned gives the rows: inside a pipeline PostgreSQL finds them while other things are done."""
    if not behind:
        return list
    asked = {"agencies": list(behind), "behind": list(behind.values()), "until": until, "limit": limit}
    return conn.execute(_READ, asked).fetchall


def reached(conn: Connection[dict[str, Any]]) -> tuple[int, int]:
    """Up to where the feed tells what happened, and where the log ends."""
    row = conn.execute(_REACHED).fetchone()
    return (row["whole"], row["head"]) if row else (0, 0)


def newest(conn: Connection[dict[str, Any]], agencies: Collection[UUID]) -> dict[UUID, int]:
    """The position of the last thing that happened for each; those are left out for which nothing has."""
    rows = conn.execute(_NEWEST, {"agencies": list(agencies)})
    return {row["agency"]: row["position"] for row in rows}
