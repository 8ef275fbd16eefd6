"""A service that an agency offers to households."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.aggregate import Initial, Recorded, RecordedEvent, Thread
from domain.codes import ServiceKind
from domain.errors import Conflict, Invalid, Refused
from domain.values import Command


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service offers, to whom and where.

    `regions` are region prefixes (empty: everywhere); `max_decile` and `graduates_only` say who is eligible (the
    agency decides; a doubt is a warning on the referral); `capacity` is households per `capacity_period`;
    `response_days` are the working days within which the agency answers.
    """

    name: str
    kind: ServiceKind
    regions: tuple[str, ...]
    response_days: int
    max_decile: int | None = None
    graduates_only: bool = False
    capacity: int | None = None
    capacity_period: str | None = None

    def serves(self, region: str) -> bool:
        return not self.regions or any(within(region, prefix) for prefix in self.regions)


def within(region: str, prefix: str) -> bool:
    """Whether a region lies in the wider one; whole parts of the code only."""
    return not prefix or region == prefix or region.startswith(prefix + ".")


class ServiceEvent(RecordedEvent):
    """Base of a service's events; the stream is the service's id."""

    def threads(self) -> tuple[Thread, ...]:
        return (("offer",),)


class Published(ServiceEvent, Initial):
    TOPIC = "service.published.v1"
    agency: UUID
    offer: Offer


class Changed(ServiceEvent):
    TOPIC = "service.changed.v1"
    agency: UUID
    offer: Offer

    def evolve(self, aggregate: "Service") -> None:
        aggregate.offer = self.offer


class Withdrawn(ServiceEvent):
    TOPIC = "service.withdrawn.v1"
    agency: UUID

    def evolve(self, aggregate: "Service") -> None:
        aggregate.withdrawn = True


class Service(Recorded):
    TOPIC = "service"
    Event = ServiceEvent
    Created = Published
    Changed = Changed
    Withdrawn = Withdrawn

    def __init__(self, on: date, agency: UUID, offer: Offer) -> None:
        super().__init__(on)
        self.agency = agency
        self.offer = offer
        self.withdrawn = False

    @classmethod
    def publish(cls, command: Command, service: UUID, *, agency: UUID, offer: Offer) -> "Service":
        check_offer(offer)
        return cls._create(event_class=Published, id=service, **cls._base(command), agency=agency, offer=offer)

    def change(self, command: Command, offer: Offer) -> RecordedEvent | None:
        """None where the offer is in force already."""
        check_offer(offer)
        self.check_date(command)
        self.check_offered("change-service")
        return None if offer == self.offer else self.record(Changed, command, agency=self.agency, offer=offer)

    def withdraw(self, command: Command) -> RecordedEvent:
        self.check_date(command)
        earlier = self.satisfied(Withdrawn, command, agency=self.agency)
        if earlier is None:
            self.check_offered("withdraw-service")
        return earlier or self.record(Withdrawn, command, agency=self.agency)

    def check_offered(self, action: str) -> None:
        if self.withdrawn:
            detail = "The service is withdrawn."
            raise Refused("service-withdrawn", detail, state="withdrawn", action=action, allowed=())

    def check_accepts(self, region: str) -> None:
        """A referral goes to a service that is offered, in a region it serves."""
        if self.withdrawn:
            raise Conflict("service-withdrawn", "The service is withdrawn.")
        if not self.offer.serves(region):
            raise Invalid("outside-service-regions", "The service is not offered where the household lives.", "service")

    def doubts(self, decile: int | None, graduated: bool) -> tuple[str, ...]:
        """Warning codes where the household may not be eligible."""
        over = self.offer.max_decile is not None and decile is not None and decile > self.offer.max_decile
        return (*(["decile-above-limit"] if over else []), *(["not-graduated"] if self._misses(graduated) else []))

    def _misses(self, graduated: bool) -> bool:
        return self.offer.graduates_only and not graduated


def check_offer(offer: Offer) -> None:
    if not 1 <= offer.response_days <= 90:
        raise Invalid("response-days", "An agency answers within 1 to 90 working days.", "response_days")
    if offer.max_decile is not None and not 1 <= offer.max_decile <= 10:
        raise Invalid("decile", "A decile is from 1 to 10.", "max_decile")
    if offer.capacity is not None and offer.capacity < 1:
        raise Invalid("capacity", "A capacity is one household or more.", "capacity")
