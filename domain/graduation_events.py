"""What can have happened between a household and its graduation. Topics and field names are storage promises."""

from typing import ClassVar
from uuid import UUID

from domain.aggregate import Thread
from domain.codes import Evidence, GraduationKind, RejectionReason, ReturnReason, RevocationReason
from domain.household_event import HouseholdEvent
from domain.household_state import Graduation, HouseholdState, Proposal, Stage
from domain.values import Sealed


class GraduationProposed(HouseholdEvent):
    """`steps` is frozen from the programmes: 2 where the proposal must be verified before it is determined."""

    TOPIC = "household.graduation_proposed.v1"
    OWN_IDS: ClassVar[frozenset[str]] = frozenset({"graduation"})
    DERIVED: ClassVar[frozenset[str]] = frozenset({"steps"})
    graduation: UUID
    kind: GraduationKind
    programmes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    own_request: bool
    steps: int
    note: Sealed | None = None

    def evolve(self, aggregate: HouseholdState) -> None:
        proposal = Proposal(self.graduation, self.kind, self.programmes, self.by, self.on, self.steps)
        aggregate.proposal = proposal

    def threads(self) -> tuple[Thread, ...]:
        return (("proposal",),)


class ProposalEvent(HouseholdEvent):
    """Base of what follows a proposal."""

    STAGE: ClassVar[Stage | None] = None
    graduation: UUID

    def evolve(self, aggregate: HouseholdState) -> None:
        if aggregate.proposal is not None and self.STAGE is not None:
            aggregate.proposal.stage = self.STAGE
        else:
            aggregate.proposal = None

    def threads(self) -> tuple[Thread, ...]:
        return (("proposal",),)


class GraduationReturned(ProposalEvent):
    TOPIC = "household.graduation_returned.v1"
    STAGE: ClassVar[Stage | None] = Stage.RETURNED
    reason: ReturnReason
    note: Sealed | None = None


class GraduationRejected(ProposalEvent):
    TOPIC = "household.graduation_rejected.v1"
    reason: RejectionReason
    note: Sealed | None = None


class GraduationWithdrawn(ProposalEvent):
    TOPIC = "household.graduation_withdrawn.v1"


class GraduationVerified(ProposalEvent):
    TOPIC = "household.graduation_verified.v1"
    STAGE: ClassVar[Stage | None] = Stage.VERIFIED


class Graduated(HouseholdEvent):
    """Determined. Freezes whom it counts for: the lead facilitator (None where there was none) and the region."""

    TOPIC = "household.graduated.v1"
    DERIVED: ClassVar[frozenset[str]] = frozenset({"kind", "programmes", "facilitator", "region"})
    graduation: UUID
    kind: GraduationKind
    programmes: tuple[str, ...]
    facilitator: UUID | None
    region: str

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.proposal = None
        aggregate.graduations[self.graduation] = Graduation(self.kind, self.programmes, self.on)
        for programme in self.programmes:
            aggregate.end_enrolment(programme, self.on, self.graduation)

    def threads(self) -> tuple[Thread, ...]:
        return (("proposal",), ("graduation", str(self.graduation)), *(("programme", p) for p in self.programmes))


class GraduationRevoked(HouseholdEvent):
    """The programmes that the graduation had ended are in force again, unless they were left another time since."""

    TOPIC = "household.graduation_revoked.v1"
    graduation: UUID
    reason: RevocationReason
    note: Sealed | None = None

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.graduations[self.graduation].revoked = True
        for programme in aggregate.enrolments:
            aggregate.resume_enrolment(programme, self.graduation)

    def threads(self) -> tuple[Thread, ...]:
        """A connection declined after the graduation is declined no longer."""
        return (("graduation", str(self.graduation)), ("connection",))
