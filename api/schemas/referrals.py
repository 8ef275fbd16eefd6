"""Referrals: what commands say, and how they are shown."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.done import Dated
from api.schemas.fields import Day, Id, LegalRule, Name, Note, Rupiah
from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason

BasisReference = Annotated[
    Name | None, Field(description="Of the document in which the family consents, such as its number; sealed.")
]
Rule = Annotated[LegalRule | None, Field(description="In which the statutory duty is, such as `UU 13/2011 pasal 7`.")]


class Redirection(Dated):
    """Without the reference of its consent, or the rule of its duty, the agency reads nothing of the family until that
    is recorded."""

    service: Id
    member: Id | None = Field(default=None, description="The person it is for; the household unless given.")
    need: Note = Field(description="What is needed, in words; sealed.")
    legal_basis: LegalBasis
    basis_reference: BasisReference = None
    legal_rule: Rule = None


class Sending(Redirection):
    previous: Id | None = Field(default=None, description="An unsuccessful referral, which is redirected by this one.")


class Basis(Dated):
    legal_basis: LegalBasis
    basis_reference: BasisReference = None
    legal_rule: Rule = None


class Noted(Dated):
    note: Note | None = None


class InformationRequest(Noted):
    information: Annotated[list[Information], Field(max_length=10)]


class Reasoned(Noted):
    """The reason `other` needs a note."""

    reason: ReferralReason


class Appointment(Dated):
    appointment: Day = Field(description="The day agreed with the household.")


class Completion(Noted):
    outcome: ReferralOutcome
    amount: Rupiah | None = Field(default=None, description="Where capital was disbursed.")


class Person(BaseModel):
    """The member referred, or the head of the family: of each what the service needs, and null for everything else."""

    name: str | None
    nik: str | None
    birth_date: date | None
    address: str | None


class ReferralNote(BaseModel):
    topic: str
    on: date
    note: str | None


class ReferralLine(BaseModel):
    id: UUID = Field(validation_alias="referral")
    household: UUID
    member: UUID | None
    agency: UUID
    agency_name: str | None
    service: UUID
    service_name: str | None
    service_kind: str | None
    region: str
    state: str
    since: date
    who: str | None = Field(description="Who must act; null where nobody must.")
    due: date | None
    overdue: bool = Field(description="`due` is before today.")
    sent_on: date
    version: int
    position: int


class ReferralFull(ReferralLine):
    need: str | None = Field(description="Null where it was erased, or is not disclosed.")
    legal_basis: str
    basis_reference: str | None
    legal_rule: str | None
    disclosed: list[str] = Field(description="What the agency may read of the family now.")
    disclosed_until: date = Field(description="The last day; a new deadline of the agency makes it a later one.")
    person: Person | None = Field(description="For the agency; null where nothing is disclosed.")
    ended_on: date | None = Field(description="When the agency's part ended.")
    sent_by: str
    respond_by: date
    expires_on: date
    next_by: date | None
    cancel_by: date | None
    calendar: str = Field(description="`provisional` where a year's holidays were not known.")
    appointment: date | None
    information: list[str]
    reason: str | None
    outcome: str | None
    amount: int | None
    previous: UUID | None
    redirected_to: UUID | None
    response_overdue: bool
    progress_overdue: bool
    warnings: list[str]
    notes: list[ReferralNote]


class FollowUpItem(BaseModel):
    kind: str = Field(description="`referral`, `proposal` or `unconnected`.")
    household: UUID
    referral: UUID | None
    graduation: UUID | None
    stage: str
    who: str = Field(description="Who must act.")
    agency: UUID | None
    agency_name: str | None
    service: UUID | None
    service_name: str | None
    region: str | None
    facilitator: UUID | None = Field(description="The lead on `as_of`.")
    since: date
    due: date
    overdue: bool


class Message(BaseModel):
    """What happened to one of the agency's referrals: opaque ids and codes."""

    id: str = Field(description="The same each time that the message comes, and on every way by which it comes.")
    position: int
    type: str
    referral: UUID
    household: UUID
    member: UUID | None
    service: UUID
    on: date
    state: str
    codes: dict[str, object]
    time: datetime = Field(description="When it was stored.")
