"""Cross-agency follow-up: what waits for whom, since when and until when."""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.sql import SQL, Composable

from domain.transitions import AGENCIES
from domain.values import Actor, Role
from projections.follow_up_order import KINDS, FollowUpDays, gathered, in_order
from projections.leads import lead, led_by
from projections.scope import households_in_scope, referrals_in_scope, within_region

__all__ = ["FollowUpDays", "listing"]

_LISTING = SQL("""
SELECT i.kind, i.item AS id, i.household, i.stage, i.who, i.agency, a.name AS agency_name, i.service,
       s.name AS service_name, i.region, {lead} AS facilitator, i.since, i.falls_due AS due,
       i.falls_due < %(as_of)s AS overdue,
       CASE WHEN i.kind = 'referral' THEN i.item END AS referral,
       CASE WHEN i.kind <> 'referral' THEN i.item END AS graduation,
       i.falls_due || '/' || i.kind || '/' || i.item AS cursor
FROM ({items}) i
LEFT JOIN read.agencies a ON a.agency = i.agency
LEFT JOIN read.services s ON s.service = i.service
ORDER BY i.falls_due, i.kind, i.item
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
    if agency is not None:
        conditions.append(SQL("f.agency = %(agency)s"))
    if facilitator is not None:
        conditions.append(led_by(SQL("f.household"), "facilitator", "as_of"))
    if region is not None:
        conditions.append(within_region(SQL("f.region"), "region"))
    came_after = {} if after is None else _read(after)
    few = facilitator is not None or region is not None or actor.role in (Role.FACILITATOR, Role.REGIONAL_OFFICER)
    arranged = gathered if few else in_order
    kinds = [kind] if kind is not None else [k for k in KINDS if k == "referral" or actor.role not in AGENCIES]
    query = _LISTING.format(
        lead=lead(SQL("i.household"), "as_of"),
        items=arranged(conditions, kinds, overdue=overdue, after=came_after.get("after_kind")),
    )
    return conn.execute(
        query,
        {
            **parameters,
            "as_of": as_of,
            "agency": agency,
            "facilitator": facilitator,
            "region": region,
            "limit": limit,
            **days.by_kind,
            **came_after,
        },
    ).fetchall()


def _scope(actor: Actor, today: date) -> tuple[Composable, dict[str, Any]]:
    if actor.role not in AGENCIES:
        condition, parameters = households_in_scope(actor, today, "f")
        return condition, dict(parameters)
    condition, parameters = referrals_in_scope(actor, today, "f")
    return SQL("{} AND {}").format(SQL("f.kind = 'referral'"), condition), dict(parameters)


def _read(cursor: str) -> dict[str, Any]:
    due, kind, item = cursor.split("/")
    return {"after_due": date.fromisoformat(due), "after_kind": kind, "after_item": UUID(item)}
