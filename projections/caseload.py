"""Whom does a facilitator follow, and who of them may be ready to graduate?

Both read the assignments and the current state kept by `households`: who waits for a position waits for both
projections.
"""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL

from domain.values import Actor
from projections.candidate_score import REASONS
from projections.caseload_rows import PROJECTION
from projections.scope import households_in_scope

__all__ = ["PROJECTION", "assistance", "candidates", "caseload"]

_CASES = SQL(
    """
    WITH followed AS (
        SELECT DISTINCT ON (household) household, role, since AS followed_since
        FROM read.household_assignments
        WHERE facilitator = %(facilitator)s AND since <= %(today)s AND (until IS NULL OR until > %(today)s)
        ORDER BY household, role DESC, number
    )
    SELECT f.role, f.followed_since, c.*, h.status, h.version,
        jsonb_path_query_first(h.members, '$[*] ? (@.head == true && @.left_on == null)') AS head,
        coalesce((c.visits ->> %(year)s)::int, 0) AS visits_this_year,
        paid.payments, paid.last_paid_on,
        ARRAY(SELECT p.code FROM read.programmes p
              WHERE p.graduable AND p.code = ANY (c.programmes)
                AND NOT (p.code || '/' || %(year)s) = ANY (c.graduated)
              ORDER BY p.code) AS graduable
    FROM followed f
    JOIN read.caseload c USING (household)
    JOIN read.households h USING (household)
    CROSS JOIN LATERAL (
        SELECT count(*) AS payments, max(paid_on) AS last_paid_on FROM read.payments p WHERE p.household = f.household
    ) paid
    WHERE {scope}
    ORDER BY household
    """
)


def caseload(connection: Connection[DictRow], actor: Actor, facilitator: UUID, today: date) -> list[dict[str, Any]]:
    """The households that the facilitator follows today, of those that the actor may know of; by household id.

    Beside the columns of `read.caseload`: `role`, `followed_since`, `status`, `version`, `head` (the member who is head
    of the family, sealed, or None), `visits_this_year`, `payments` (how many, reversed ones left out), `last_paid_on`,
    and `graduable`, the programmes that it may be proposed to graduate from this year.
    """
    scope, parameters = households_in_scope(actor, today)
    given = {**parameters, "facilitator": facilitator, "today": today, "year": str(today.year)}
    return connection.execute(_CASES.format(scope=scope), given).fetchall()


def candidates(connection: Connection[DictRow], actor: Actor, facilitator: UUID, today: date) -> list[dict[str, Any]]:
    """Those of the caseload that may be ready, the likeliest first.

    They are in a programme that they may graduate from this year, no proposal is open, and the score is above zero.
    Rows are as in `caseload`, with `rank` from 1, and `reasons` as `{"code", "points", "id", "en"}`. Equal scores go
    by decile, then by household id.
    """
    ready = [
        row
        for row in caseload(connection, actor, facilitator, today)
        if row["score"] > 0 and row["open_proposal"] is None and row["graduable"]
    ]
    ready.sort(key=lambda row: (-row["score"], -(row["decile"] or 0), row["household"]))
    return [{**row, "rank": rank, "reasons": told(row["reasons"])} for rank, row in enumerate(ready, start=1)]


def told(codes: list[str]) -> list[dict[str, Any]]:
    """Reasons in words, Indonesian and English."""
    return [
        {"code": code, "points": REASONS[code].points, "id": REASONS[code].id, "en": REASONS[code].en} for code in codes
    ]


def assistance(connection: Connection[DictRow], household: UUID) -> list[dict[str, Any]]:
    """Payments that were not reversed, the latest first; whoever asks, the caller checks the scope."""
    return connection.execute(
        "SELECT * FROM read.payments WHERE household = %s ORDER BY paid_on DESC, programme, period, reference",
        [household],
    ).fetchall()
