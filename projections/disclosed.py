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
UNTIL = SQL("(LEAST(r.ended_on, GREATEST(r.expires_on, r.next_by, r.cancel_by)) + %(retention_days)s::int)")
"""The last day: the retention period after the agency's part ended, or at the latest after its last frozen deadline."""
DISCLOSING = SQL("({} AND r.need IS NOT NULL AND {} >= %(scope_today)s::date)").format(FOUNDED, UNTIL)
"""And until that day, unless those of whom it tells were erased."""

BOX = "NULLIF({}, 'null'::jsonb)"
ADDRESS = SQL("CASE WHEN r.ended_on IS NULL AND m ->> 'left_on' IS NULL THEN h.address END")
"""Where the family lives now concerns nobody whose part has ended, nor one who referred a member who left it."""
_TOLD = SQL("CASE WHEN {} THEN {} END AS {}")
_PERSONAL = SQL("array_remove(ARRAY[{}]::text[], NULL) AS personal").format(
    SQL(", ").join(SQL("CASE WHEN {} IS NOT NULL THEN {} END").format(Identifier("p", name), name) for name in PERSONAL)
)
_PERSON = SQL("""
LEFT JOIN LATERAL (
    SELECT (m ->> 'member')::uuid AS person, {fields}
    FROM read.households h CROSS JOIN jsonb_array_elements(h.members) m
    WHERE {disclosing} AND h.household = r.household
      AND m ->> 'name' IS NOT NULL
      AND CASE WHEN r.member IS NULL THEN (m ->> 'head')::boolean AND m ->> 'left_on' IS NULL
              AND (m ->> 'joined_on')::date <= r.sent_on
              AND NOT EXISTS (SELECT FROM jsonb_array_elements(h.members) earlier
                  WHERE (earlier ->> 'head')::boolean AND (earlier ->> 'left_on')::date >= r.sent_on)
          ELSE m ->> 'member' = r.member::text END
    LIMIT 1
) p ON true
""")


def sealed_columns(actor: Actor) -> Composable:
    """The boxes of a referral: all for those who sent it, for agencies what is disclosed; and to both its names.

    `personal` names what is disclosed of a person.
    """
    names = ("need", "basis_reference", "notes")
    if actor.role not in AGENCIES:
        own = [Identifier("r", name) for name in names]
        return SQL(", ").join([*own, SQL("NULL::uuid AS person"), _PERSONAL])
    told = [_TOLD.format(DISCLOSING, Identifier("r", name), Identifier(name)) for name in names]
    return SQL(", ").join([*told, *(Identifier("p", name) for name in ("person", *PERSONAL)), _PERSONAL])


def person() -> Composable:
    """Who is referred, with the fields that the service's kind needs: the member, or who was the head of the family
    when it was sent and is so still. Nobody who was erased."""
    fields = SQL(", ").join(
        SQL("CASE WHEN s.kind = ANY ({}) THEN {} END AS {}").format(
            Placeholder(f"told_{name}"),
            SQL(BOX).format(ADDRESS if name == "address" else SQL("m -> {}").format(name)),
            Identifier(name),
        )
        for name in PERSONAL
    )
    return _PERSON.format(fields=fields, disclosing=DISCLOSING)


def parameters(today: date, retention_days: int) -> dict[str, Any]:
    told = {f"told_{name}": kinds_told(name) for name in PERSONAL}
    return {**told, "scope_today": today, "retention_days": retention_days}
