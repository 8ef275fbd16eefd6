"""Who may know of a record. Commands check it here; lists carry the same rules in their SQL."""

from datetime import date

from domain.facilitator import Facilitator
from domain.household import Household
from domain.referral import Referral
from domain.service import within
from domain.values import Actor, Role

REGENCY = len("33.24")
"""Of a region's code."""


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


def may_be_assigned(actor: Actor, facilitator: Facilitator, household: Household) -> bool:
    """Whom somebody may give a household to, and with it all that is known of it: those who work where it lives, a
    colleague of the same regency, or whoever is in a regional officer's charge. The ministry may give it to anyone."""
    match actor.role:
        case Role.PROGRAMME_OFFICER:
            return True
        case Role.REGIONAL_OFFICER:
            charge = actor.scope
        case Role.FACILITATOR:
            charge = household.region[:REGENCY]
        case _:
            return False
    works_there = within(household.region, facilitator.region)
    return works_there or (bool(charge) and within(facilitator.region, charge)) or actor.facilitator == facilitator.id
