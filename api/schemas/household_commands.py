"""What commands on households say."""

from typing import Annotated

from pydantic import Field, model_validator

from api.schemas.done import Dated
from api.schemas.fields import (
    Address,
    Body,
    Code,
    Day,
    Decile,
    Flag,
    Id,
    Name,
    Note,
    Number,
    Period,
    ProgrammeCode,
    Quarter,
    Reference,
    RegionCode,
    Rupiah,
)
from domain.codes import (
    AssignmentRole,
    Channel,
    Component,
    ConnectionDeclinedReason,
    Criterion,
    DiscontinuationReason,
    ErasureReason,
    HouseholdLeftReason,
    IncomeBand,
    MemberLeftReason,
    PasClass,
    PasGroup,
    ReversalReason,
    VisitPurpose,
    VisitResult,
)


class MemberIn(Body):
    nik: Number
    name: Name
    birth_date: Day
    head: Flag = False


class Registration(Dated):
    kk: Number
    address: Address
    region: RegionCode = Field(description="The village.")
    members: Annotated[list[MemberIn], Field(max_length=40)]


class Lookup(Body):
    """By the family card or by a member's identity number."""

    kk: Number | None = None
    nik: Number | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Lookup":
        if (self.kk is None) == (self.nik is None):
            raise ValueError("Give either kk or nik")
        return self


class MemberJoining(Dated, MemberIn):
    pass


class MemberLeaving(Dated):
    reason: MemberLeftReason


class MemberAssessment(Dated):
    component: Component | None = None
    pas_group: PasGroup | None = None
    disability: Note | None = None
    pas_class: PasClass = PasClass.GENERAL


class Rank(Dated):
    decile: Decile | None
    period: Quarter
    source: Code = "dtsen"


class Assessment(Dated):
    has_business: Flag
    income_band: IncomeBand
    criteria: Annotated[list[Criterion], Field(max_length=20)] = []
    income: Rupiah | None = Field(default=None, description="Exact monthly income, sealed.")
    note: Note | None = None


class Assignment(Dated):
    facilitator: Id
    role: AssignmentRole = AssignmentRole.LEAD


class Enrolment(Dated):
    programme: ProgrammeCode


class Assistance(Dated):
    programme: ProgrammeCode
    period: Period
    channel: Channel
    amount: Rupiah | None = None
    paid_on: Day
    reference: Reference


class Reversal(Dated):
    programme: ProgrammeCode
    period: Period
    reason: ReversalReason


class Visit(Dated):
    purpose: VisitPurpose
    result: VisitResult
    note: Note | None = None


class Discontinuation(Dated):
    programme: ProgrammeCode
    reason: DiscontinuationReason


class Move(Dated):
    region: RegionCode = Field(description="The village.")
    address: Address


class Leaving(Dated):
    reason: HouseholdLeftReason


class ConnectionDeclined(Dated):
    reason: ConnectionDeclinedReason


class ErasureRequest(Dated):
    member: Id | None = Field(default=None, description="Whose data; the whole household's unless given.")
    reason: ErasureReason
