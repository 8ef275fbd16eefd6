"""By which key a projection's events are folded together."""

from uuid import UUID

from domain.household_event import HouseholdEvent
from domain.referral_events import ReferralEvent
from projections.engine.log import LoggedEvent


def by_household(logged: LoggedEvent) -> UUID | None:
    """A household's own events and those of its referrals, in position order; nothing else."""
    if isinstance(logged.event, HouseholdEvent):
        return logged.stream
    return logged.event.household if isinstance(logged.event, ReferralEvent) else None
