"""Which graduation proposals are open?"""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.sql import SQL

from domain.values import Actor
from projections.leads import lead, led_by
from projections.scope import households_in_scope, within_region

_PROPOSALS = SQL("""
SELECT p.*, h.region, {lead} AS facilitator
FROM read.waiting_proposals p
JOIN read.households h ON h.household = p.household
WHERE {conditions}
ORDER BY p.graduation
LIMIT %(limit)s
""")


def proposals(
    conn: Connection[dict[str, Any]],
    actor: Actor,
    today: date,
    *,
    region: str | None = None,
    facilitator: UUID | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Open graduation proposals of the households that the actor sees, by graduation id.

    `note` and `return_note` are sealed boxes of the household's stream.
    """
    household = SQL("p.household")
    scope, parameters = households_in_scope(actor, today, "h")
    conditions = [scope]
    parameters = {**parameters, "today": today, "limit": limit}
    if facilitator is not None:
        conditions.append(led_by(household, "facilitator", "today"))
        parameters["facilitator"] = facilitator
    if region is not None:
        conditions.append(within_region(SQL("h.region"), "region"))
        parameters["region"] = region
    if after is not None:
        conditions.append(SQL("p.graduation > %(after)s"))
        parameters["after"] = after
    query = _PROPOSALS.format(lead=lead(household, "today"), conditions=SQL(" AND ").join(conditions))
    return conn.execute(query, parameters).fetchall()
