"""A facilitator (pendamping): appointed to a pillar in a region, plans a year's work, retires."""

from datetime import date
from uuid import UUID

from domain.aggregate import Initial, Recorded, RecordedEvent, Thread
from domain.codes import Measure, Pillar
from domain.errors import Invalid, Refused
from domain.values import Command, Sealed


class FacilitatorEvent(RecordedEvent):
    """Base of a facilitator's events; the stream is the facilitator's id."""


class Appointed(FacilitatorEvent, Initial):
    """`name` is sealed under the facilitator's own key: officers are persons too."""

    TOPIC = "facilitator.appointed.v1"
    name: Sealed
    pillar: Pillar
    region: str


class Planned(FacilitatorEvent):
    """How many of a measure the facilitator plans for a year."""

    TOPIC = "facilitator.planned.v1"
    year: int
    measure: Measure
    planned: int

    def threads(self) -> tuple[Thread, ...]:
        return (("plan", str(self.year), self.measure),)


class Retired(FacilitatorEvent):
    TOPIC = "facilitator.retired.v1"

    def evolve(self, aggregate: "Facilitator") -> None:
        aggregate.retired_on = self.on

    def threads(self) -> tuple[Thread, ...]:
        return (("office",),)


class Facilitator(Recorded):
    TOPIC = "facilitator"
    Event = FacilitatorEvent
    Created = Appointed
    Planned = Planned
    Retired = Retired

    def __init__(self, on: date, pillar: Pillar, region: str) -> None:
        super().__init__(on)
        self.pillar = pillar
        self.region = region
        self.retired_on: date | None = None

    @classmethod
    def appoint(
        cls, command: Command, facilitator: UUID, *, name: Sealed, pillar: Pillar, region: str
    ) -> "Facilitator":
        return cls._create(
            event_class=Appointed, id=facilitator, **cls._base(command), name=name, pillar=pillar, region=region
        )

    def plan(self, command: Command, *, year: int, measure: Measure, planned: int) -> RecordedEvent:
        if planned < 0 or not 2000 <= year <= 2100:
            raise Invalid("plan", "A plan is a number of zero or more for a year.", "planned")
        return self._decide("plan", Planned, command, year=year, measure=measure, planned=planned)

    def retire(self, command: Command) -> RecordedEvent:
        return self._decide("retire", Retired, command)

    def check_in_office(self, on: date) -> None:
        if self.retired_on is not None and on >= self.retired_on:
            raise Invalid("facilitator-retired", f"The facilitator retired on {self.retired_on}.", "facilitator")

    def _decide(
        self, action: str, event_class: type[RecordedEvent], command: Command, **content: object
    ) -> RecordedEvent:
        self.check_date(command)
        earlier = self.satisfied(event_class, command, **content)
        if earlier is None and self.retired_on is not None:
            detail = "The facilitator has retired."
            raise Refused("facilitator-retired", detail, state="retired", action=action, allowed=())
        return earlier or self.record(event_class, command, **content)
