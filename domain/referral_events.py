"""What can have happened to a referral. Topics and field names are storage promises: they are never renamed."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from domain.aggregate import Initial, RecordedEvent, Thread
from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.referral_state import ReferralState
from domain.referral_table import State
from domain.values import Sealed


class ReferralEvent(RecordedEvent):
    """Base of a referral's events; the stream is the referral's id, and every event names the household."""

    TARGET: ClassVar[State | None] = None
    household: UUID

    def evolve(self, aggregate: ReferralState) -> None:
        if self.TARGET is not None:
            aggregate.state = self.TARGET
            aggregate.since = self.on

    def threads(self) -> tuple[Thread, ...]:
        return (("state",),)


class Sent(ReferralEvent, Initial):
    """`respond_by` and `expires_on` are frozen here; `calendar` tells whether the holidays behind them were known."""

    TOPIC = "referral.sent.v1"
    agency: UUID
    service: UUID
    need: Sealed
    legal_basis: LegalBasis
    respond_by: date
    expires_on: date
    calendar: str
    region: str
    member: UUID | None = None
    basis_reference: Sealed | None = None
    previous: UUID | None = None
    warnings: tuple[str, ...] = ()


class BasisRecorded(ReferralEvent):
    """On what ground the agency may read of the family: consent with a reference, or a duty with the rule it is in.

    Takes the place of the basis that the referral was sent with.
    """

    TOPIC = "referral.basis_recorded.v1"
    legal_basis: LegalBasis
    basis_reference: Sealed | None = None
    legal_rule: str | None = None

    def threads(self) -> tuple[Thread, ...]:
        return (("basis",),)


class BasisWithdrawn(ReferralEvent):
    """Consent was taken back, or the duty does not hold: the agency reads nothing more of the family."""

    TOPIC = "referral.basis_withdrawn.v1"

    def threads(self) -> tuple[Thread, ...]:
        return (("basis",),)


class Received(ReferralEvent):
    TOPIC = "referral.received.v1"
    TARGET: ClassVar[State | None] = State.RECEIVED


class InformationRequested(ReferralEvent):
    TOPIC = "referral.information_requested.v1"
    TARGET: ClassVar[State | None] = State.WAITING
    information: tuple[Information, ...]
    note: Sealed | None = None


class InformationSupplied(ReferralEvent):
    TOPIC = "referral.information_supplied.v1"
    TARGET: ClassVar[State | None] = State.RECEIVED
    DERIVED: ClassVar[frozenset[str]] = frozenset({"respond_by", "calendar"})
    respond_by: date
    calendar: str
    note: Sealed | None = None

    def evolve(self, aggregate: ReferralState) -> None:
        super().evolve(aggregate)
        aggregate.respond_by = self.respond_by


class ProgressEvent(ReferralEvent):
    """Base of events that enter a state in which the agency is expected to get on; `next_by` is when it should have."""

    DERIVED: ClassVar[frozenset[str]] = frozenset({"next_by", "calendar"})
    next_by: date
    calendar: str

    def evolve(self, aggregate: ReferralState) -> None:
        super().evolve(aggregate)
        aggregate.next_by = self.next_by
        aggregate.progress_overdue = False


class Accepted(ProgressEvent):
    TOPIC = "referral.accepted.v1"
    TARGET: ClassVar[State | None] = State.ACCEPTED


class Declined(ReferralEvent):
    TOPIC = "referral.declined.v1"
    TARGET: ClassVar[State | None] = State.DECLINED
    reason: ReferralReason
    note: Sealed | None = None


class Scheduled(ProgressEvent):
    """`appointment` is the day agreed with the household; scheduling again moves it."""

    TOPIC = "referral.scheduled.v1"
    TARGET: ClassVar[State | None] = State.SCHEDULED
    appointment: date


class Attended(ProgressEvent):
    TOPIC = "referral.attended.v1"
    TARGET: ClassVar[State | None] = State.ACCEPTED


class Missed(ProgressEvent):
    TOPIC = "referral.missed.v1"
    TARGET: ClassVar[State | None] = State.ACCEPTED


class ServiceStarted(ProgressEvent):
    TOPIC = "referral.service_started.v1"
    TARGET: ClassVar[State | None] = State.IN_SERVICE


class Completed(ReferralEvent):
    """`amount` in whole rupiah, where capital was disbursed."""

    TOPIC = "referral.completed.v1"
    TARGET: ClassVar[State | None] = State.COMPLETED
    outcome: ReferralOutcome
    amount: int | None = None
    note: Sealed | None = None


class Failed(ReferralEvent):
    TOPIC = "referral.failed.v1"
    TARGET: ClassVar[State | None] = State.FAILED
    reason: ReferralReason
    note: Sealed | None = None


class CancellationRequested(ReferralEvent):
    """Freezes the state before, to which a refusal leads back, and the day after which the clock cancels."""

    TOPIC = "referral.cancellation_requested.v1"
    TARGET: ClassVar[State | None] = State.CANCELLING
    DERIVED: ClassVar[frozenset[str]] = frozenset({"before", "cancel_by", "calendar"})
    reason: ReferralReason
    before: State
    cancel_by: date
    calendar: str
    note: Sealed | None = None

    def evolve(self, aggregate: ReferralState) -> None:
        super().evolve(aggregate)
        aggregate.before = self.before
        aggregate.cancel_by = self.cancel_by


class Cancelled(ReferralEvent):
    TOPIC = "referral.cancelled.v1"
    TARGET: ClassVar[State | None] = State.CANCELLED


class CancellationRefused(ReferralEvent):
    """The agency goes on; `back_to` is the state before the request, in which the referral is again."""

    TOPIC = "referral.cancellation_refused.v1"
    DERIVED: ClassVar[frozenset[str]] = frozenset({"back_to"})
    back_to: State

    def evolve(self, aggregate: ReferralState) -> None:
        aggregate.state = self.back_to
        aggregate.since = self.on


class Redirected(ReferralEvent):
    """Stored in one append with the new referral, which names this one."""

    TOPIC = "referral.redirected.v1"
    TARGET: ClassVar[State | None] = State.REDIRECTED
    to: UUID


class Settled(ReferralEvent):
    """Nothing more is sought."""

    TOPIC = "referral.settled.v1"
    TARGET: ClassVar[State | None] = State.SETTLED
    reason: ReferralReason
    note: Sealed | None = None


class ResponseOverdue(ReferralEvent):
    """Written once for the deadline that it names."""

    TOPIC = "referral.response_overdue.v1"
    respond_by: date

    def evolve(self, aggregate: ReferralState) -> None:
        aggregate.overdue_responses.add(self.respond_by)

    def threads(self) -> tuple[Thread, ...]:
        return (("response", self.respond_by.isoformat()),)


class ProgressOverdue(ReferralEvent):
    """Written once for each state entered."""

    TOPIC = "referral.progress_overdue.v1"
    next_by: date

    def evolve(self, aggregate: ReferralState) -> None:
        aggregate.progress_overdue = True

    def threads(self) -> tuple[Thread, ...]:
        return ()


class Expired(ReferralEvent):
    TOPIC = "referral.expired.v1"
    TARGET: ClassVar[State | None] = State.EXPIRED
