"""The base of all events of a household."""

from domain.aggregate import RecordedEvent
from domain.household_state import HouseholdState


class HouseholdEvent(RecordedEvent):
    """Base of a household's events; the stream is the household's id."""

    def evolve(self, aggregate: HouseholdState) -> None: ...
