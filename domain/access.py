"""Who may know of a record. Commands check it here; lists carry the same rules in their SQL."""

from datetime import date

from domain.household import Household
from domain.referral import Referral
from domain.service import within
from domain.values import Actor, Role


def sees_household(actor: Actor, household: Household, today: date) -> bool:
    """A facilitator sees the own caseload, and what they registered until somebody is assigned."""
    match actor.role:
        case Role.PROGRAMME_OFFICER | Role.CLOCK:
            return True
        case Role.REGIONAL_OFFICER:
            return bool(actor.scope) and within(household.region, actor.scope)
        case Role.FACILITATOR:
            if not household.assignments:
                return household.registered_by == actor.sub
            assigned = household.facilitators_on(today)
            upcoming = {a.facilitator for a in household.assignments if a.since > today and a.until != a.since}
            return actor.facilitator in assigned | upcoming
        case _:
            return False


def sees_referral(actor: Actor, referral: Referral, household: Household, today: date) -> bool:
    """An agency sees the referrals sent to it; others those of the households that they see."""
    if actor.role in (Role.AGENCY_OFFICER, Role.AGENCY_SYSTEM):
        return actor.agency == referral.agency
    return sees_household(actor, household, today)
