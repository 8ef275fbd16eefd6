"""Which households are there for a caller, and how does one stand now?

Rows are of `read.households`: sealed boxes are `{"key", "box"}` with the box in base64; within jsonb columns ids and
dates are text. Added to each: `lead`, the lead facilitator of the day or None, and `assignments`, all of them.
"""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable

from domain.values import Actor
from projections.household_rows import PROJECTION
from projections.leads import lead
from projections.scope import FOLLOWED, households_in_scope, within_region

__all__ = ["PROJECTION", "find", "listing"]

_SELECT = SQL(
    """
    SELECT h.*,
        {lead} AS lead,
        (SELECT coalesce(jsonb_agg(to_jsonb(a) - 'household' - 'number' ORDER BY a.number), '[]')
         FROM read.household_assignments a WHERE a.household = h.household) AS assignments
    FROM read.households h
    WHERE {conditions}
    ORDER BY h.household
    LIMIT %(limit)s
    """
)


def find(connection: Connection[DictRow], actor: Actor, today: date, household: UUID) -> dict[str, Any] | None:
    """None where there is no such household within the caller's scope."""
    found = _rows(connection, actor, today, [SQL("h.household = %(household)s")], {"household": household, "limit": 1})
    return found[0] if found else None


def listing(
    connection: Connection[DictRow],
    actor: Actor,
    today: date,
    *,
    region: str | None = None,
    status: str | None = None,
    facilitator: UUID | None = None,
    programme: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """By household id, those behind `after`.

    `region` is a prefix; `facilitator` one who follows the household now or will; `programme` one in force.
    """
    conditions: list[Composable] = []
    if region:
        conditions.append(within_region(SQL("h.region"), "region"))
    if status:
        conditions.append(SQL("h.status = %(status)s"))
    if facilitator:
        conditions.append(
            SQL(
                "h.household IN (SELECT household FROM read.household_assignments"
                " WHERE facilitator = %(facilitator)s AND {})"
            ).format(FOLLOWED)
        )
    if programme:
        conditions.append(SQL("%(programme)s = ANY (h.programmes)"))
    if after:
        conditions.append(SQL("h.household > %(after)s"))
    given = {
        "region": region,
        "status": status,
        "facilitator": facilitator,
        "programme": programme,
        "after": after,
        "limit": limit,
    }
    return _rows(connection, actor, today, conditions, given)


def _rows(
    connection: Connection[DictRow],
    actor: Actor,
    today: date,
    conditions: list[Composable],
    given: dict[str, Any],
) -> list[dict[str, Any]]:
    scope, parameters = households_in_scope(actor, today)
    query = _SELECT.format(lead=lead(SQL("h.household"), "today"), conditions=SQL(" AND ").join([*conditions, scope]))
    return connection.execute(query, {"today": today, "scope_today": today, **given, **parameters}).fetchall()
