"""Cross-agency follow-up: what waits for whom, since when and until when; and the graduation proposals among it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from domain.transitions import AGENCIES
from domain.values import Actor
from projections.scope import households_in_scope, referrals_in_scope, within_region


@dataclass(frozen=True, slots=True)
class FollowUpDays:
    """Settings in calendar days: until a graduate is to be connected, a proposal dealt with, and an unsuccessful
    referral redirected or settled."""

    unconnected_after_days: int
    proposal_due_days: int
    redirect_due_days: int


_LED = sql.SQL("""
{household} IN (
    SELECT household FROM read.household_assignments
    WHERE facilitator = %(facilitator)s AND role = 'lead' AND since <= {on} AND (until IS NULL OR {on} < until)
)
""")

_LISTING = sql.SQL("""
SELECT i.kind, i.item AS id, i.household, i.stage, i.who, i.agency, a.name AS agency_name, i.service,
       s.name AS service_name, h.region, lead.facilitator, i.since, i.due, i.due < %(as_of)s AS overdue,
       CASE WHEN i.kind = 'referral' THEN i.item END AS referral,
       CASE WHEN i.kind <> 'referral' THEN i.item END AS graduation,
       i.due || '/' || i.kind || '/' || i.item AS cursor
FROM (
    SELECT f.kind, f.item, f.household, f.stage, f.who, f.agency, f.service, f.since,
           coalesce(f.due, f.since + CASE f.kind WHEN 'proposal' THEN %(proposal_due)s::int
               WHEN 'unconnected' THEN %(unconnected_after)s::int ELSE %(redirect_due)s::int END) AS due
    FROM read.follow_up f
) i
LEFT JOIN read.households h ON h.household = i.household
LEFT JOIN read.agencies a ON a.agency = i.agency
LEFT JOIN read.services s ON s.service = i.service
LEFT JOIN LATERAL (
    SELECT g.facilitator FROM read.household_assignments g
    WHERE g.household = i.household AND g.role = 'lead' AND g.since <= %(as_of)s
      AND (g.until IS NULL OR %(as_of)s < g.until)
    ORDER BY g.number DESC LIMIT 1
) lead ON true
WHERE {conditions}
ORDER BY i.due, i.kind, i.item
LIMIT %(limit)s
""")


def listing(
    conn: Connection[dict[str, Any]],
    actor: Actor,
    today: date,
    *,
    agency: UUID | None = None,
    facilitator: UUID | None = None,
    region: str | None = None,
    kind: str | None = None,
    overdue: bool | None = None,
    as_of: date,
    days: FollowUpDays,
    after: str | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """What waits, the longest due first.

    `kind` is `referral`, `proposal` or `unconnected`; `facilitator` the lead on `as_of`; `region` a prefix. `due` is
    the date frozen in the log, or where none is (an unsuccessful referral, a proposal, an unconnected graduate) so many
    `days` after `since`. An item is overdue on `as_of` when `due` is before it. `who` is the one that must act:
    `agency`, `sender`, `proposer`, `facilitator`, `regional_officer` or `programme_officer`.

    Agencies see the referrals sent to them, others the items of the households they see. `cursor` of a row, given as
    `after`, leads on from it; raises `ValueError` for what no row gave.
    """
    scope, parameters = _scope(actor, today)
    conditions = [scope]
    parameters |= {
        "as_of": as_of,
        "proposal_due": days.proposal_due_days,
        "unconnected_after": days.unconnected_after_days,
        "redirect_due": days.redirect_due_days,
        "limit": limit,
    }
    if agency is not None:
        conditions.append(sql.SQL("i.agency = %(agency)s"))
        parameters["agency"] = agency
    if facilitator is not None:
        conditions.append(_LED.format(household=sql.Identifier("i", "household"), on=sql.Placeholder("as_of")))
        parameters["facilitator"] = facilitator
    if region is not None:
        conditions.append(within_region(sql.Identifier("h", "region"), "region"))
        parameters["region"] = region
    if kind is not None:
        conditions.append(sql.SQL("i.kind = %(kind)s"))
        parameters["kind"] = kind
    if overdue is not None:
        conditions.append(sql.SQL("(i.due < %(as_of)s) = %(overdue)s"))
        parameters["overdue"] = overdue
    if after is not None:
        conditions.append(sql.SQL("(i.due, i.kind, i.item) > (%(after_due)s, %(after_kind)s, %(after_item)s)"))
        parameters |= _after(after)
    query = _LISTING.format(conditions=sql.SQL(" AND ").join(conditions))
    return conn.execute(query, parameters).fetchall()


_PROPOSALS = sql.SQL("""
SELECT p.*, h.region, lead.facilitator
FROM read.waiting_proposals p
JOIN read.households h ON h.household = p.household
LEFT JOIN LATERAL (
    SELECT g.facilitator FROM read.household_assignments g
    WHERE g.household = p.household AND g.role = 'lead' AND g.since <= %(today)s
      AND (g.until IS NULL OR %(today)s < g.until)
    ORDER BY g.number DESC LIMIT 1
) lead ON true
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
    scope, parameters = households_in_scope(actor, today, "h")
    conditions = [scope]
    parameters = {**parameters, "today": today, "limit": limit}
    if facilitator is not None:
        conditions.append(_LED.format(household=sql.Identifier("p", "household"), on=sql.Placeholder("today")))
        parameters["facilitator"] = facilitator
    if region is not None:
        conditions.append(within_region(sql.Identifier("h", "region"), "region"))
        parameters["region"] = region
    if after is not None:
        conditions.append(sql.SQL("p.graduation > %(after)s"))
        parameters["after"] = after
    query = _PROPOSALS.format(conditions=sql.SQL(" AND ").join(conditions))
    return conn.execute(query, parameters).fetchall()


def _scope(actor: Actor, today: date) -> tuple[sql.Composable, dict[str, Any]]:
    if actor.role not in AGENCIES:
        condition, parameters = households_in_scope(actor, today, "h")
        return condition, dict(parameters)
    condition, parameters = referrals_in_scope(actor, today, "i")
    return sql.SQL("i.kind = 'referral' AND {}").format(condition), dict(parameters)


def _after(cursor: str) -> dict[str, Any]:
    due, kind, item = cursor.split("/")
    return {"after_due": date.fromisoformat(due), "after_kind": kind, "after_item": UUID(item)}
