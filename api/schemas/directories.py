"""Programmes, agencies, services, facilitators and targets: what commands say, and how they are shown."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.done import Dated
from api.schemas.fields import Decile, Few, Flag, Id, Name, ProgrammeCode, RegionCode, Year
from domain.codes import AgencyKind, Cluster, Frequency, GraduationKind, Measure, Pillar, ServiceKind


class ProgrammeTerms(Dated):
    """Defines a programme, or changes the terms of the one with this code."""

    code: ProgrammeCode
    name: Name
    cluster: Cluster
    decile_limit: Decile | None = Field(default=None, description="The highest decile served; none unless given.")
    frequency: Frequency
    graduable: Flag
    relapse: Flag
    steps: Annotated[Few, Field(ge=1, le=2)] = 1


class AgencyIn(Dated):
    name: Name
    kind: AgencyKind


class OfferIn(Dated):
    name: Name
    kind: ServiceKind
    regions: Annotated[list[RegionCode], Field(max_length=600)] = Field(default=[], description="Everywhere if empty.")
    response_days: Annotated[Few, Field(ge=1, le=90, description="Working days within which the agency answers.")]
    max_decile: Decile | None = None
    graduates_only: Flag = False
    capacity: Annotated[Few, Field(ge=1)] | None = Field(default=None, description="Households per `capacity_period`.")
    capacity_period: Frequency | None = None


class ServiceIn(OfferIn):
    agency: Id


class Appointed(Dated):
    name: Name
    pillar: Pillar
    region: RegionCode


class PlanIn(Dated):
    year: Year
    measure: Measure
    planned: Few


class TargetIn(Dated):
    year: Year
    pillar: Pillar
    measure: Measure
    minimum: Few
    kinds: Annotated[list[GraduationKind], Field(max_length=2)] | None = Field(
        None, description="Of graduations that count; `independent` alone unless given."
    )


class Programme(BaseModel):
    code: str
    name: str
    cluster: str
    decile_limit: int | None
    frequency: str
    graduable: bool
    relapse: bool
    steps: int
    rule_version: int
    defined_on: date
    version: int
    position: int


class Agency(BaseModel):
    id: UUID = Field(validation_alias="agency")
    name: str
    kind: str
    registered_on: date
    version: int
    position: int


class Service(BaseModel):
    id: UUID = Field(validation_alias="service")
    agency: UUID
    agency_name: str | None
    name: str
    kind: str
    regions: list[str]
    response_days: int
    max_decile: int | None
    graduates_only: bool
    capacity: int | None
    capacity_period: str | None
    published_on: date
    withdrawn_on: date | None
    version: int
    position: int


class Plan(BaseModel):
    year: int
    measure: str
    planned: int
    on: date


class Facilitator(BaseModel):
    id: UUID = Field(validation_alias="facilitator")
    name: str | None
    pillar: str
    region: str
    region_name: str | None
    appointed_on: date
    retired_on: date | None
    plans: list[Plan]
    version: int
    position: int


class Target(BaseModel):
    year: int
    pillar: str
    measure: str
    minimum: int
    kinds: list[str]
    revision: int
    set_on: date
    position: int


class Case(BaseModel):
    """A household of a facilitator's caseload."""

    household: UUID
    head_name: str | None
    role: str
    followed_since: date
    region: str
    region_name: str | None
    status: str
    programmes: list[str]
    graduable: list[str] = Field(description="Programmes it may be proposed to graduate from this year.")
    decile: int | None
    decile_period: str | None
    earlier_decile: int | None
    has_business: bool | None
    income_band: str | None
    criteria: list[str]
    assessed_on: date | None
    last_visit_on: date | None
    visits_this_year: int
    payments: int
    last_paid_on: date | None
    open_proposal: UUID | None
    score: int
    version: int


class Reason(BaseModel):
    code: str
    points: int
    id: str = Field(description="In Indonesian.")
    en: str = Field(description="In English.")


class Candidate(Case):
    """Why it may be ready to graduate, the strongest candidates first."""

    rank: int
    reasons: list[Reason]
