"""All that is held on a household, or on one member of it, and everyone who read of it."""

from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

Rows = list[dict[str, Any]]

_EVENTS = """
SELECT position, logged_at, stream, topic, state FROM log
WHERE stream IN (
    SELECT %(household)s UNION ALL
    SELECT (sent.state ->> 'referral')::uuid FROM log sent
    WHERE sent.stream = %(household)s AND sent.topic = 'household.referred.v1' AND {whose}
) AND {whose}
ORDER BY position
"""
_WHOSE = "(%(member)s::uuid IS NULL OR {}state ->> 'member' IS NULL OR {}state ->> 'member' = %(member)s::text)"


def household_of(connection: Connection[DictRow], member: UUID) -> UUID | None:
    """The household that the member is in, or was when last it was known; reads them all."""
    found = connection.execute(
        "SELECT household FROM read.households"
        " WHERE members @> jsonb_build_array(jsonb_build_object('member', %s::text))",
        [str(member)],
    ).fetchone()
    return None if found is None else found["household"]


def events(connection: Connection[DictRow], household: UUID, member: UUID | None) -> Rows:
    """The events of the household and of its referrals, in order, as the log has them.

    With a member those that are of other members are left out, and so are these members' referrals.
    """
    query = _EVENTS.replace("{whose}", _WHOSE.format("sent.", "sent."), 1).replace("{whose}", _WHOSE.format("", ""), 1)
    return connection.execute(query.encode(), {"household": household, "member": member}).fetchall()


def referrals(connection: Connection[DictRow], household: UUID, member: UUID | None) -> list[UUID]:
    """Those of the household as a whole, and of the member or, without one, of every member."""
    rows = connection.execute(
        "SELECT referral FROM read.referrals"
        " WHERE household = %s AND (%s::uuid IS NULL OR member IS NULL OR member = %s) ORDER BY sent_on, referral",
        [household, member, member],
    )
    return [row["referral"] for row in rows]


def readings(connection: Connection[DictRow], household: UUID, member: UUID | None) -> Rows:
    """The earliest first: of the household itself and of the member or, without one, of every member."""
    return connection.execute(
        "SELECT at, actor, role, scope, member, fields, why FROM readings"
        " WHERE household = %s AND (%s::uuid IS NULL OR member IS NULL OR member = %s) ORDER BY id",
        [household, member, member],
    ).fetchall()
