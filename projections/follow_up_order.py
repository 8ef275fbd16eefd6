"""What waits, the longest due first: read off indices where it is much, gathered and sorted where it is little.

A deadline is frozen, or so many days after the item came to its stage; the days are a setting, the same for all of a
kind. Of one kind, therefore, those with a frozen date and those without are each in order already, and a page is
merged from the beginnings of these. The limit stands in the text: not knowing it, PostgreSQL plans each query anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Literal, Placeholder

KINDS = ("proposal", "referral", "unconnected")
FROZEN = ("referral",)
"""Kinds of which events freeze the date: for most of their stages, and for no other kind."""


@dataclass(frozen=True, slots=True)
class FollowUpDays:
    """Settings in calendar days: until a graduate is to be connected, a proposal dealt with, and an unsuccessful
    referral redirected or settled."""

    unconnected_after_days: int
    proposal_due_days: int
    redirect_due_days: int

    @property
    def by_kind(self) -> dict[str, int]:
        """Parameters of the queries."""
        return {
            "proposal_days": self.proposal_due_days,
            "referral_days": self.redirect_due_days,
            "unconnected_days": self.unconnected_after_days,
        }


_MERGED = SQL("SELECT * FROM ({parts}) part ORDER BY falls_due, kind, item LIMIT {limit}")
_COLUMNS = SQL(
    "f.kind, f.item, f.household, f.region, f.stage, f.who, f.agency, f.service, f.since, f.lead, f.lead_since"
)
_PART = SQL("""
(SELECT {columns}, {date} + {days} AS falls_due FROM read.follow_up f
 WHERE f.kind = {kind} AND f.due {is_frozen} AND {conditions}
 ORDER BY {date}, f.item LIMIT {limit})
""")
_GATHERED = SQL("""
SELECT * FROM (
    SELECT {columns}, coalesce(f.due, f.since + CASE f.kind WHEN 'proposal' THEN %(proposal_days)s::int
        WHEN 'unconnected' THEN %(unconnected_days)s::int ELSE %(referral_days)s::int END) AS falls_due
    FROM read.follow_up f WHERE f.kind = ANY ({kinds}) AND {conditions}
) g
WHERE {narrowed} ORDER BY falls_due, kind, item LIMIT {limit}
""")


def in_order(
    conditions: Sequence[Composable], kinds: Sequence[str], *, overdue: bool | None, after: str | None, limit: int
) -> Composed:
    """A page read off the beginnings of each kind; `after` is the kind of the item that it follows on."""
    parts = [
        _part(kind, conditions, overdue=overdue, after=after, frozen=frozen, limit=limit)
        for kind in kinds
        for frozen in ((True, False) if kind in FROZEN else (False,))
    ]
    return _MERGED.format(parts=SQL(" UNION ALL ").join(parts), limit=Literal(limit))


def gathered(
    conditions: Sequence[Composable], kinds: Sequence[str], *, overdue: bool | None, after: str | None, limit: int
) -> Composed:
    """A page of everything that meets the conditions, which is not much."""
    narrowed: list[Composable] = [SQL("true")]
    if overdue is not None:
        narrowed.append(SQL("falls_due < %(as_of)s" if overdue else "falls_due >= %(as_of)s"))
    if after is not None:
        narrowed.append(SQL("(falls_due, kind, item) > (%(after_due)s, %(after_kind)s, %(after_item)s)"))
    return _GATHERED.format(
        columns=_COLUMNS,
        kinds=Literal(list(kinds)),
        conditions=_every(conditions),
        narrowed=_every(narrowed),
        limit=Literal(limit),
    )


def _part(
    kind: str, conditions: Sequence[Composable], *, overdue: bool | None, after: str | None, frozen: bool, limit: int
) -> Composed:
    """Dates are compared as they stand in the index: without the days, which are taken off the other side."""
    date = SQL("f.due" if frozen else "f.since")
    days: Composable = SQL("0") if frozen else SQL("{}::int").format(Placeholder(f"{kind}_days"))
    met = list(conditions)
    if overdue is not None:
        met.append(_compared(date, "<" if overdue else ">=", "as_of", days))
    if after is not None and kind == after:
        met.append(
            SQL("({date}, f.item) > (%(after_due)s::date - {days}, %(after_item)s)").format(date=date, days=days)
        )
    elif after is not None:
        met.append(_compared(date, ">=" if kind > after else ">", "after_due", days))
    return _PART.format(
        columns=_COLUMNS,
        date=date,
        days=days,
        kind=Literal(kind),
        is_frozen=SQL("IS NOT NULL" if frozen else "IS NULL"),
        conditions=_every(met),
        limit=Literal(limit),
    )


def _compared(date: Composable, how: LiteralString, day: str, days: Composable) -> Composed:
    return SQL("{} {} {}::date - {}").format(date, SQL(how), Placeholder(day), days)


def _every(conditions: Sequence[Composable]) -> Composed:
    return SQL(" AND ").join(conditions)
