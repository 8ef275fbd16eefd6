"""What can have happened to a household. Topics and field names are storage promises: they are never renamed."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.aggregate import Initial, Thread
from domain.codes import (
    AssignmentRole,
    Channel,
    ConnectionDeclinedReason,
    Criterion,
    DiscontinuationReason,
    HouseholdLeftReason,
    IncomeBand,
    MemberLeftReason,
    PasClass,
    ReversalReason,
    VisitPurpose,
    VisitResult,
)
from domain.household_event import HouseholdEvent
from domain.household_state import Assignment, Enrolment, HouseholdState, Member, Payment
from domain.values import Sealed


class Registered(HouseholdEvent, Initial):
    TOPIC = "household.registered.v1"
    region: str
    kk: Sealed
    address: Sealed

    def threads(self) -> tuple[Thread, ...]:
        return (("residence",),)


class MemberJoined(HouseholdEvent):
    TOPIC = "household.member_joined.v1"
    DERIVED: ClassVar[frozenset[str]] = frozenset({"warnings"})
    member: UUID
    nik: Sealed
    name: Sealed
    birth_date: Sealed
    head: bool
    warnings: tuple[str, ...] = ()

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.members[self.member] = Member(self.nik, self.name, self.birth_date, self.head, self.on)

    def threads(self) -> tuple[Thread, ...]:
        return (("member", str(self.member)),)


class MemberLeft(HouseholdEvent):
    TOPIC = "household.member_left.v1"
    member: UUID
    reason: MemberLeftReason

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.members[self.member].left_on = self.on

    def threads(self) -> tuple[Thread, ...]:
        return (("member", str(self.member)),)


class MemberAssessed(HouseholdEvent):
    """`details` seals component, PAS group and disability together, as one JSON object."""

    TOPIC = "household.member_assessed.v1"
    member: UUID
    details: Sealed
    pas_class: PasClass

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.members[self.member].details = self.details
        aggregate.members[self.member].pas_class = self.pas_class

    def threads(self) -> tuple[Thread, ...]:
        return (("member-assessment", str(self.member)),)


class Ranked(HouseholdEvent):
    """DTSEN welfare decile, 1 (poorest) to 10; None where the household is not ranked.

    The latest period holds, whenever it was recorded.
    """

    TOPIC = "household.ranked.v1"
    decile: int | None
    period: str
    source: str

    def evolve(self, aggregate: HouseholdState) -> None:
        if self.period >= aggregate.decile_period:
            aggregate.decile, aggregate.decile_period = self.decile, self.period

    def threads(self) -> tuple[Thread, ...]:
        return (("rank", self.period, self.source),)


class Assessed(HouseholdEvent):
    TOPIC = "household.assessed.v1"
    has_business: bool
    income_band: IncomeBand
    criteria: tuple[Criterion, ...]
    income: Sealed | None = None
    note: Sealed | None = None

    def threads(self) -> tuple[Thread, ...]:
        return (("assessment",),)


class Assigned(HouseholdEvent):
    """`effective` is the day on which the assignment begins to count."""

    TOPIC = "household.assigned.v1"
    facilitator: UUID
    role: AssignmentRole
    effective: date

    def evolve(self, aggregate: HouseholdState) -> None:
        if self.role is AssignmentRole.LEAD:
            for held in aggregate.assignments:
                if held.role is AssignmentRole.LEAD and (held.until is None or held.until > self.effective):
                    held.until = max(self.effective, held.since)
        aggregate.assignments.append(Assignment(self.facilitator, self.role, self.effective))

    def threads(self) -> tuple[Thread, ...]:
        lead = self.role is AssignmentRole.LEAD
        return (("assignment", "lead"),) if lead else (("assignment", "helper", str(self.facilitator)),)


class Enrolled(HouseholdEvent):
    TOPIC = "household.enrolled.v1"
    DERIVED: ClassVar[frozenset[str]] = frozenset({"rule_version", "warnings"})
    programme: str
    rule_version: int
    warnings: tuple[str, ...] = ()

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.enrolments.setdefault(self.programme, []).append(Enrolment(self.on, self.rule_version))

    def threads(self) -> tuple[Thread, ...]:
        return (("programme", self.programme),)


class ReEnrolled(HouseholdEvent):
    """A relapse: enrolled again after the graduation that it names."""

    TOPIC = "household.re_enrolled.v1"
    DERIVED: ClassVar[frozenset[str]] = frozenset({"rule_version", "graduation", "warnings"})
    programme: str
    rule_version: int
    graduation: UUID
    warnings: tuple[str, ...] = ()

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.enrolments.setdefault(self.programme, []).append(Enrolment(self.on, self.rule_version))
        aggregate.graduations[self.graduation].relapsed = True

    def threads(self) -> tuple[Thread, ...]:
        return (("programme", self.programme),)


class Assisted(HouseholdEvent):
    """A payment, identified by programme, period and reference; `amount` in whole rupiah, None where not money."""

    TOPIC = "household.assisted.v1"
    programme: str
    period: str
    channel: Channel
    amount: int | None
    paid_on: date
    reference: str

    def evolve(self, aggregate: HouseholdState) -> None:
        identity = (self.programme, self.period, self.reference)
        aggregate.payments[identity] = Payment(self.channel, self.amount, self.paid_on)


class AssistanceReversed(HouseholdEvent):
    TOPIC = "household.assistance_reversed.v1"
    programme: str
    period: str
    reference: str
    reason: ReversalReason

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.payments[(self.programme, self.period, self.reference)].reversed = True

    def threads(self) -> tuple[Thread, ...]:
        return (("payment", self.programme, self.period, self.reference),)


class Visited(HouseholdEvent):
    TOPIC = "household.visited.v1"
    purpose: VisitPurpose
    result: VisitResult
    note: Sealed | None = None

    def threads(self) -> tuple[Thread, ...]:
        return (("visit",),)


class Discontinued(HouseholdEvent):
    TOPIC = "household.discontinued.v1"
    programme: str
    reason: DiscontinuationReason

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.end_enrolment(self.programme, self.on, None)

    def threads(self) -> tuple[Thread, ...]:
        return (("programme", self.programme),)


class Referred(HouseholdEvent):
    """Stored in one append with `referral.sent`."""

    TOPIC = "household.referred.v1"
    referral: UUID
    agency: UUID
    service: UUID
    member: UUID | None = None


class ConnectionDeclined(HouseholdEvent):
    TOPIC = "household.connection_declined.v1"
    reason: ConnectionDeclinedReason

    def threads(self) -> tuple[Thread, ...]:
        return (("connection",),)


class Moved(HouseholdEvent):
    TOPIC = "household.moved.v1"
    region: str
    address: Sealed

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.residences.append((self.on, self.region))
        aggregate.region = self.region
        aggregate.address = self.address

    def threads(self) -> tuple[Thread, ...]:
        return (("residence",),)


class Left(HouseholdEvent):
    TOPIC = "household.left.v1"
    reason: HouseholdLeftReason

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.left_on = self.on
        aggregate.proposal = None

    def threads(self) -> tuple[Thread, ...]:
        return (("departure",), ("proposal",))
