"""Which rows a caller may know of: the rules of `domain/access.py` as SQL conditions."""

from datetime import date
from typing import Any

from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from domain.values import Actor, Role

Condition = tuple[Composable, dict[str, Any]]
"""A condition and the parameters that it names (all begin with `scope_`)."""

ALL = SQL("true")
EVERYTHING: Condition = (ALL, {})
NOTHING: Condition = (SQL("false"), {})

FOLLOWED = SQL("(until IS NULL OR until > greatest(since, %(scope_today)s))")
"""An assignment in force or to come; one that was replaced before it began ends on the day on which it would."""


def households_in_scope(actor: Actor, today: date, alias: str = "h", *, planned_once: bool = False) -> Condition:
    """Equal to `domain.access.sees_household`; `alias` has the columns `household` and `region`."""
    match actor.role:
        case Role.PROGRAMME_OFFICER | Role.CLOCK:
            return EVERYTHING
        case Role.REGIONAL_OFFICER if actor.scope:
            column = Identifier(alias, "region")
            return within_region(column, "scope_region", planned_once=planned_once), {"scope_region": actor.scope}
        case Role.FACILITATOR:
            return own_households(actor, today, alias)
        case _:
            return NOTHING


def referrals_in_scope(actor: Actor, today: date, alias: str = "r") -> Condition:
    """Equal to `domain.access.sees_referral`; `alias` has the columns `household` and `agency`."""
    match actor.role:
        case Role.AGENCY_OFFICER | Role.AGENCY_SYSTEM:
            if actor.agency is None:
                return NOTHING
            return SQL("{} = %(scope_agency)s").format(Identifier(alias, "agency")), {"scope_agency": actor.agency}
        case Role.FACILITATOR:
            return own_households(actor, today, alias)
        case _:
            if actor.role is not Role.REGIONAL_OFFICER:
                return households_in_scope(actor, today, alias)
            condition, parameters = households_in_scope(actor, today, "scoped")
            return SQL("{} IN (SELECT scoped.household FROM read.households scoped WHERE {})").format(
                Identifier(alias, "household"), condition
            ), parameters


def facilitators_in_scope(actor: Actor) -> Condition:
    """Facilitators see themselves, regional officers those appointed to a region within theirs; for rows with the
    columns `facilitator` and `region`."""
    match actor.role:
        case Role.PROGRAMME_OFFICER | Role.ADMINISTRATOR | Role.CLOCK:
            return EVERYTHING
        case Role.REGIONAL_OFFICER if actor.scope:
            return within_region(SQL("region"), "scope_region"), {"scope_region": actor.scope}
        case Role.FACILITATOR if actor.facilitator is not None:
            return SQL("facilitator = %(scope_facilitator)s"), {"scope_facilitator": actor.facilitator}
        case _:
            return NOTHING


def within_region(column: Composable, parameter: str, *, planned_once: bool = False) -> Composed:
    """Whether a region's code is the prefix named by `parameter`, or in it; whole parts of the code only.

    `planned_once` hides from PostgreSQL how wide the region is. Where all plans would be by the index of regions, it
    then makes one for all, which otherwise takes as long as the query.

    Bytewise, the prefix and what begins with `33.24.` lie from `33.24` to before `33.24/`, which is one range of an
    index; what else would lie there is no code, and is left out all the same.
    """
    return SQL(
        "({column} >= {prefix} AND {column} < {prefix} || '/' AND ({column} = {prefix} OR {column} >= {prefix} || '.'))"
    ).format(
        column=SQL('{} COLLATE "C"').format(column),
        prefix=SQL("(SELECT {}::text)" if planned_once else "{}::text").format(Placeholder(parameter)),
    )


def own_households(actor: Actor, today: date, alias: str, among: Composable = ALL) -> Condition:
    """A facilitator's, of those `among` which all that are sought are: `household` is one, `scope_facilitator` they."""
    condition = SQL(
        "{} IN (SELECT household FROM read.household_assignments"
        " WHERE facilitator = %(scope_facilitator)s::uuid AND {} AND {}"
        " UNION ALL SELECT household FROM read.households WHERE registered_by = %(scope_sub)s AND NOT assigned)"
    ).format(Identifier(alias, "household"), FOLLOWED, among)
    return condition, {"scope_facilitator": actor.facilitator, "scope_today": today, "scope_sub": actor.sub}
