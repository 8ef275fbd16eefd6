"""What of a referral and of its family an agency reads: the rules of `domain/disclosure.py` as SQL.

`r` is a referral, `s` its service.
"""

from datetime import date
from typing import Any

from psycopg.sql import SQL, Composable, Identifier, Placeholder

from domain.disclosure import PERSONAL, kinds_told
from domain.transitions import AGENCIES
from domain.values import Actor

FOUNDED = SQL("CASE r.legal_basis WHEN 'consent' THEN r.basis_reference IS NOT NULL ELSE r.legal_rule IS NOT NULL END")
"""On a recorded basis."""
DISCLOSING = SQL(
    "({} AND (r.ended_on IS NULL OR r.ended_on + %(retention_days)s::int >= %(scope_today)s::date))"
).format(FOUNDED)
"""And while the agency has a part to play, and for the retention period after it."""

HOUSEHOLDS_OWN = {"address": SQL("h.address")}
_TOLD = SQL("CASE WHEN {} THEN {} END AS {}")
_PERSON = SQL("""
LEFT JOIN LATERAL (
    SELECT (m ->> 'member')::uuid AS person, {fields}
    FROM read.households h CROSS JOIN jsonb_array_elements(h.members) m
    WHERE {disclosing} AND h.household = r.household
      AND CASE WHEN r.member IS NULL THEN (m ->> 'head')::boolean AND m ->> 'left_on' IS NULL
          ELSE m ->> 'member' = r.member::text END
    LIMIT 1
) p ON true
""")


def sealed_columns(actor: Actor) -> Composable:
    """The boxes of a referral: all for those who sent it, for agencies what is disclosed."""
    names = ("need", "basis_reference", "notes")
    if actor.role not in AGENCIES:
        own = [Identifier("r", name) for name in names]
        return SQL(", ").join([*own, SQL("NULL::uuid AS person")])
    told = [_TOLD.format(DISCLOSING, Identifier("r", name), Identifier(name)) for name in names]
    return SQL(", ").join([*told, *(Identifier("p", name) for name in ("person", *PERSONAL))])


def person(actor: Actor) -> Composable:
    """Who is referred: the member, or the head of the family, with the fields that the service's kind needs."""
    if actor.role not in AGENCIES:
        return SQL("")
    fields = SQL(", ").join(
        SQL("CASE WHEN s.kind = ANY ({}) THEN {} END AS {}").format(
            Placeholder(f"told_{name}"), HOUSEHOLDS_OWN.get(name, SQL("m -> {}").format(name)), Identifier(name)
        )
        for name in PERSONAL
    )
    return _PERSON.format(fields=fields, disclosing=DISCLOSING)


def parameters(today: date, retention_days: int) -> dict[str, Any]:
    told = {f"told_{name}": kinds_told(name) for name in PERSONAL}
    return {**told, "scope_today": today, "retention_days": retention_days}
