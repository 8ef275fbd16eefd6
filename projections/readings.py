"""Who has read whose personal data, for auditors."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable, Identifier, Placeholder


def listing(
    connection: Connection[DictRow],
    *,
    household: UUID | None = None,
    member: UUID | None = None,
    actor: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """The latest first, those with an id below `before`; filters are for equality."""
    equal = {"household": household, "member": member, "actor": actor}
    given = {name: value for name, value in equal.items() if value is not None}
    conditions: list[Composable] = [SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in given]
    if before is not None:
        conditions.append(SQL("id < %(before)s"))
    query = SQL(
        "SELECT id, at, actor, role, scope, household, member, fields, why FROM readings"
        " WHERE {} ORDER BY id DESC LIMIT %(limit)s"
    ).format(SQL(" AND ").join(conditions) if conditions else SQL("true"))
    return connection.execute(query, {**given, "before": before, "limit": limit}).fetchall()
