"""Which agencies read from Kafka, how far each was sent what concerns it, and which refusals it was told of."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

_ADD = """
INSERT INTO partners (agency, since, position) VALUES (%(agency)s, %(since)s, %(since)s)
ON CONFLICT (agency) DO UPDATE SET revoked_at = NULL, error = NULL, failed_at = NULL
"""
_SENT = """
UPDATE partners p SET position = s.position, error = NULL, failed_at = NULL
FROM unnest(%(agencies)s::uuid[], %(positions)s::bigint[]) s(agency, position)
WHERE p.agency = s.agency AND p.position < s.position
"""
_REJECTED = """
SELECT r.*
FROM unnest(%(agencies)s::uuid[]) asked(agency)
CROSS JOIN LATERAL (
    SELECT * FROM rejected_replies r WHERE r.agency = asked.agency AND NOT r.told ORDER BY r.number LIMIT %(limit)s
) r
ORDER BY r.agency, r.number
"""


def add(conn: Connection[Any], agency: UUID, position: int) -> None:
    """From what comes behind this position on; one that was revoked goes on where it was."""
    conn.execute(_ADD, {"agency": agency, "since": position})


def revoke(conn: Connection[Any], agency: UUID) -> bool:
    """Whether it was a partner."""
    found = conn.execute("UPDATE partners SET revoked_at = now() WHERE agency = %s AND revoked_at IS NULL", [agency])
    return bool(found.rowcount)


def active(conn: Connection[dict[str, Any]]) -> dict[UUID, int]:
    """Those that are sent to, and the position up to which they were."""
    rows = conn.execute("SELECT agency, position FROM partners WHERE revoked_at IS NULL ORDER BY agency")
    return {row["agency"]: row["position"] for row in rows}


def sent_up_to(conn: Connection[dict[str, Any]], agency: UUID) -> int | None:
    """None where the agency is no partner."""
    row = conn.execute("SELECT position FROM partners WHERE agency = %s", [agency]).fetchone()
    return row["position"] if row else None


def since(conn: Connection[dict[str, Any]], agency: UUID) -> int | None:
    """The position behind which it began to be sent anything; None where it is no partner."""
    row = conn.execute("SELECT since FROM partners WHERE agency = %s", [agency]).fetchone()
    return row["since"] if row else None


def ask_rejected(
    conn: Connection[dict[str, Any]], agencies: Sequence[UUID], limit: int
) -> Callable[[], list[dict[str, Any]]]:
    """Asks for refused answers that these have not been told of; what is returned gives them."""
    if not agencies:
        return list
    return conn.execute(_REJECTED, {"agencies": list(agencies), "limit": limit}).fetchall


def sent(conn: Connection[Any], positions: Mapping[UUID, int]) -> None:
    """Up to these positions; none goes back."""
    if positions:
        conn.execute(_SENT, {"agencies": list(positions), "positions": list(positions.values())})


def told(conn: Connection[Any], numbers: Sequence[int]) -> None:
    if numbers:
        conn.execute("UPDATE rejected_replies SET told = true WHERE number = ANY(%s)", [list(numbers)])


def all_failed(conn: Connection[Any], error: str) -> None:
    """Nobody's topic can be written; what was wrong with one of them stands until the broker answers."""
    conn.execute(
        "UPDATE partners SET error = %s, failed_at = now() WHERE revoked_at IS NULL AND error IS NULL", [error]
    )


def all_reached(conn: Connection[Any]) -> None:
    conn.execute("UPDATE partners SET error = NULL, failed_at = NULL WHERE error IS NOT NULL")


def failed(conn: Connection[Any], agency: UUID, error: str) -> None:
    conn.execute("UPDATE partners SET error = %s, failed_at = now() WHERE agency = %s", [error, agency])
