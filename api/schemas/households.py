"""How households are shown to those who follow them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class Member(BaseModel):
    """Personal data is None where it was erased."""

    id: UUID = Field(validation_alias="member")
    nik: str | None
    name: str | None
    birth_date: date | None
    head: bool
    joined_on: date
    left_on: date | None
    pas_class: str | None
    component: str | None = None
    pas_group: str | None = None
    disability: str | None = None


class Assigned(BaseModel):
    facilitator: UUID
    role: str
    since: date
    until: date | None = Field(description="The first day on which it no longer holds.")


class Enrolled(BaseModel):
    programme: str
    rule_version: int
    since: date
    until: date | None
    ended_by: UUID | None = Field(description="The graduation that ended it.")


class Proposed(BaseModel):
    graduation: UUID
    kind: str
    programmes: list[str]
    by: str
    on: date
    steps: int
    stage: str


class Graduated(BaseModel):
    graduation: UUID
    kind: str
    programmes: list[str]
    on: date
    revoked: bool
    relapsed: bool


class HouseholdLine(BaseModel):
    id: UUID = Field(validation_alias="household")
    head_name: str | None = Field(description="Name of the head of the family.")
    region: str
    region_name: str | None
    status: str
    registered_on: date
    programmes: list[str] = Field(description="In force.")
    decile: int | None
    lead: UUID | None = Field(description="The lead facilitator of the day.")
    version: int
    position: int


class HouseholdFull(HouseholdLine):
    kk: str | None
    address: str | None
    members: list[Member]
    decile_period: str | None
    assignments: list[Assigned]
    enrolments: list[Enrolled]
    proposal: Proposed | None
    graduations: list[Graduated]
    left_on: date | None
    last_on: date


class Found(BaseModel):
    id: UUID
    member_id: UUID | None = None


class Payment(BaseModel):
    programme: str
    period: str
    reference: str
    channel: str
    amount: int | None
    paid_on: date
    position: int


class Told(BaseModel):
    """One event of a household's story, in words."""

    position: int
    logged_at: datetime | None = None
    on: date
    topic: str
    by: str
    id: str = Field(description="In Indonesian.")
    en: str = Field(description="In English.")
    facts: dict[str, Any]


class OpenAction(BaseModel):
    """What the caller may do now; `subject` says on what."""

    action: str
    event: str
    subject: dict[str, str]


class Actions(BaseModel):
    version: int
    actions: list[OpenAction]
