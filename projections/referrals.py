"""Referrals as they stand, for those who may know of them."""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from domain.referral_table import OPEN
from domain.values import Actor
from projections import disclosed
from projections.disclosed import DISCLOSING, FOUNDED, UNTIL, person, sealed_columns
from projections.scope import referrals_in_scope

_LINE = sql.SQL(
    "r.referral, r.household, r.member, r.agency, r.service, r.region, r.state, r.since, r.who, r.due, r.sent_on,"
    " r.version, r.position, a.name AS agency_name, s.name AS service_name, s.kind AS service_kind"
)
_REST = sql.SQL(
    "r.legal_basis, r.legal_rule, r.sent_by, r.respond_by, r.expires_on, r.next_by, r.cancel_by, r.calendar,"
    " r.appointment, r.information, r.reason, r.outcome, r.amount, r.previous, r.redirected_to, r.response_overdue,"
    " r.progress_overdue, r.warnings, r.ended_on"
)
_OPEN = """
SELECT r.referral, r.state, r.since, r.due, s.name AS service_name, r.region, r.respond_by, r.sent_on
FROM read.referrals r
LEFT JOIN read.services s ON s.service = r.service
WHERE r.agency = %(agency)s AND r.state = ANY(%(open)s) AND (%(after)s::uuid IS NULL OR r.referral > %(after)s)
ORDER BY r.referral
LIMIT %(limit)s
"""
_SELECT = sql.SQL("""
SELECT {columns}
FROM read.referrals r
LEFT JOIN read.agencies a ON a.agency = r.agency
LEFT JOIN read.services s ON s.service = r.service
{person}
WHERE {conditions}
ORDER BY r.referral
LIMIT %(limit)s
""")


def find(
    conn: Connection[dict[str, Any]], actor: Actor, today: date, referral: UUID, *, retention_days: int
) -> dict[str, Any] | None:
    """The referral with the names of agency and service; None where there is none that the actor may know of.

    `need`, `basis_reference` and each of `notes` (`position`, `topic`, `on`, `note`) hold sealed boxes. `founded` tells
    whether its basis is recorded, `disclosing` whether the agency may read them today, `disclosed_until` the last day
    of that, and `personal` what it may read of a person. For an agency they are None
    where it may not, and otherwise there are beside them `person`, the member that it is about, with boxes of `name`,
    `nik`, `birth_date` and `address` as the kind of service needs them.
    """
    scope, parameters = referrals_in_scope(actor, today, "r")
    query = _SELECT.format(
        columns=sql.SQL(", ").join(
            [
                _LINE,
                _REST,
                sealed_columns(actor),
                sql.SQL("{} AS founded, {} AS disclosing, {} AS disclosed_until").format(FOUNDED, DISCLOSING, UNTIL),
            ]
        ),
        person=person(),
        conditions=sql.SQL("r.referral = %(referral)s AND {}").format(scope),
    )
    told = disclosed.parameters(today, retention_days)
    return conn.execute(query, {**told, **parameters, "referral": referral, "limit": 1}).fetchone()


def listing(
    conn: Connection[dict[str, Any]],
    actor: Actor,
    today: date,
    *,
    agency: UUID | None = None,
    state: str | None = None,
    household: UUID | None = None,
    overdue: bool | None = None,
    as_of: date,
    after: UUID | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """The referrals that the actor may know of, by id, as `find` gives them but for everything personal.

    A referral is overdue on `as_of` when the date frozen for its present state (`due`) is before it.
    """
    scope, parameters = referrals_in_scope(actor, today, "r")
    conditions = [scope]
    equal = {"agency": agency, "state": state, "household": household}
    for name, value in equal.items():
        if value is not None:
            conditions.append(sql.SQL("{} = {}").format(sql.Identifier("r", name), sql.Placeholder(name)))
    if overdue is not None:
        conditions.append(sql.SQL("coalesce(r.due < %(as_of)s, false) = %(overdue)s"))
    if after is not None:
        conditions.append(sql.SQL("r.referral > %(after)s"))
    return conn.execute(
        _SELECT.format(columns=_LINE, person=sql.SQL(""), conditions=sql.SQL(" AND ").join(conditions)),
        {**parameters, **equal, "overdue": overdue, "as_of": as_of, "after": after, "limit": limit},
    ).fetchall()


def open_to(
    conn: Connection[dict[str, Any]], agency: UUID, *, after: UUID | None = None, limit: int
) -> list[dict[str, Any]]:
    """The referrals in which an agency has a part to play, by id: dates, codes and the name of the service."""
    asked = {"agency": agency, "open": list(OPEN), "after": after, "limit": limit}
    return conn.execute(_OPEN, asked).fetchall()


def due(conn: Connection[dict[str, Any]], today: date, limit: int, *, passed: UUID | None = None) -> list[UUID]:
    """Referrals of which a deadline has passed by `today` without its event, by id and after the id `passed`.

    The clock's own question: no scope.
    """
    rows = conn.execute(
        "SELECT referral FROM read.referrals WHERE clock_due < %(today)s"
        " AND (%(passed)s::uuid IS NULL OR referral > %(passed)s) ORDER BY referral LIMIT %(limit)s",
        {"today": today, "passed": passed, "limit": limit},
    )
    return [row["referral"] for row in rows]
