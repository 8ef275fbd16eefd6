"""Which programmes, agencies, services, facilitators and targets are there?"""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composable

from domain.values import Actor
from projections.directory_rows import PROJECTION
from projections.scope import facilitators_in_scope, within_region

__all__ = [
    "PROJECTION",
    "agencies",
    "agency",
    "facilitator",
    "facilitators",
    "programmes",
    "service",
    "services",
    "targets",
]

Rows = list[dict[str, Any]]


def programmes(connection: Connection[DictRow]) -> Rows:
    """All programmes with the terms in force, by code."""
    return connection.execute("SELECT * FROM read.programmes ORDER BY code").fetchall()


def agencies(connection: Connection[DictRow]) -> Rows:
    """All agencies, by name."""
    return connection.execute("SELECT * FROM read.agencies ORDER BY name, agency").fetchall()


def agency(connection: Connection[DictRow], record: UUID) -> dict[str, Any] | None:
    return connection.execute("SELECT * FROM read.agencies WHERE agency = %s", [record]).fetchone()


def services(
    connection: Connection[DictRow],
    *,
    agency: UUID | None = None,
    kind: str | None = None,
    region: str | None = None,
    include_withdrawn: bool = False,
) -> Rows:
    """Services with their agency's name, by agency and name.

    `region` gives those offered there, or somewhere in it; a service without regions is offered everywhere.
    """
    conditions: list[Composable] = [SQL("true")]
    if agency:
        conditions.append(SQL("s.agency = %(agency)s"))
    if kind:
        conditions.append(SQL("s.kind = %(kind)s"))
    if not include_withdrawn:
        conditions.append(SQL("s.withdrawn_on IS NULL"))
    if region:
        conditions.append(
            SQL(
                "(cardinality(s.regions) = 0 OR EXISTS (SELECT FROM unnest(s.regions) served WHERE served = ''"
                " OR starts_with(%(region)s || '.', served || '.') OR starts_with(served || '.', %(region)s || '.')))"
            )
        )
    query = SQL(
        "SELECT s.*, a.name AS agency_name FROM read.services s LEFT JOIN read.agencies a USING (agency)"
        " WHERE {} ORDER BY a.name, s.agency, s.name, s.service"
    ).format(SQL(" AND ").join(conditions))
    return connection.execute(query, {"agency": agency, "kind": kind, "region": region}).fetchall()


def service(connection: Connection[DictRow], record: UUID) -> dict[str, Any] | None:
    """With its agency's name; a withdrawn one too."""
    query = (
        "SELECT s.*, a.name AS agency_name FROM read.services s LEFT JOIN read.agencies a USING (agency)"
        " WHERE s.service = %s"
    )
    return connection.execute(query, [record]).fetchone()


def facilitators(
    connection: Connection[DictRow],
    actor: Actor,
    *,
    region: str | None = None,
    pillar: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> Rows:
    """By id, those behind `after` that the actor may know of; names are sealed under the facilitator's key."""
    scope, parameters = facilitators_in_scope(actor)
    conditions: list[Composable] = [scope]
    if region:
        conditions.append(within_region(SQL("region"), "region"))
    if pillar:
        conditions.append(SQL("pillar = %(pillar)s"))
    if after:
        conditions.append(SQL("facilitator > %(after)s"))
    query = SQL("SELECT * FROM read.facilitators WHERE {} ORDER BY facilitator LIMIT %(limit)s").format(
        SQL(" AND ").join(conditions)
    )
    given = {
        **parameters,
        "region": region,
        "pillar": pillar,
        "after": after,
        "limit": limit,
    }
    return connection.execute(query, given).fetchall()


def facilitator(connection: Connection[DictRow], actor: Actor, record: UUID) -> dict[str, Any] | None:
    """None where there is none that the actor may know of."""
    scope, parameters = facilitators_in_scope(actor)
    query = SQL("SELECT * FROM read.facilitators WHERE facilitator = %(record)s AND {}").format(scope)
    return connection.execute(query, {**parameters, "record": record}).fetchone()


def targets(connection: Connection[DictRow], year: int | None = None, at_position: int | None = None) -> Rows:
    """For each year, pillar and measure the revision that holds: the last set at or before a position, if one is given.

    Later revisions do not change what a report at an earlier position said.
    """
    query = """
        SELECT DISTINCT ON (year, pillar, measure) * FROM read.targets
        WHERE (%(year)s::int IS NULL OR year = %(year)s)
          AND (%(at)s::bigint IS NULL OR position <= %(at)s)
        ORDER BY year, pillar, measure, revision DESC
    """
    return connection.execute(query, {"year": year, "at": at_position}).fetchall()
