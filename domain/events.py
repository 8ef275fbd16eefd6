"""Every aggregate and event there is. Importing this registers all topics, so that any stored event can be read."""

from domain.agency import Agency
from domain.aggregate import Recorded, RecordedEvent
from domain.facilitator import Facilitator
from domain.household import Household
from domain.programme import Programme
from domain.referral import Referral
from domain.service import Service
from domain.target import Target

AGGREGATES: tuple[type[Recorded], ...] = (Household, Referral, Programme, Agency, Service, Facilitator, Target)


def event_classes() -> dict[str, type[RecordedEvent]]:
    """Topic to event class, for all aggregates."""
    return {
        event.TOPIC: event
        for aggregate in AGGREGATES
        for event in vars(aggregate).values()
        if isinstance(event, type) and issubclass(event, RecordedEvent) and getattr(event, "TOPIC", None)
    }
