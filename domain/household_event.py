"""The base of all events of a household."""

from typing import TYPE_CHECKING

from domain.aggregate import RecordedEvent

if TYPE_CHECKING:
    from domain.household import Household


class HouseholdEvent(RecordedEvent):
    """Base of a household's events; the stream is the household's id."""

    def evolve(self, aggregate: "Household") -> None: ...
