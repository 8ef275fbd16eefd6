"""Graduations: what commands say, and what is counted."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from api.schemas.done import Dated
from api.schemas.fields import Flag, Note, ProgrammeCode
from domain.codes import Evidence, GraduationKind, RejectionReason, ReturnReason, RevocationReason


class Proposal(Dated):
    kind: GraduationKind
    programmes: Annotated[list[ProgrammeCode], Field(max_length=20)]
    evidence: Annotated[list[Evidence], Field(max_length=20)]
    own_request: Flag = Field(default=False, description="The household itself asks; its own statement is needed then.")
    note: Note | None = None


class Return(Dated):
    reason: ReturnReason
    note: Note | None = None


class Rejection(Dated):
    reason: RejectionReason
    note: Note | None = None


class Revocation(Dated):
    reason: RevocationReason
    note: Note | None = None


class By(StrEnum):
    FACILITATOR = "facilitator"
    REGION = "region"
    KIND = "kind"
    PILLAR = "pillar"
    PROGRAMME = "programme"
    MONTH = "month"


class Level(StrEnum):
    PROVINCE = "province"
    REGENCY = "regency"
    SUBDISTRICT = "subdistrict"
    VILLAGE = "village"


class CountRow(BaseModel):
    """One group, named by the field of `by`; graduations of both kinds are always shown apart."""

    facilitator: UUID | None = None
    region: str | None = None
    level: str | None = None
    kind: str | None = None
    pillar: str | None = None
    programme: str | None = None
    month: int | None = None
    name: str | None = Field(default=None, description="Of the facilitator, region or programme.")
    count: int | None
    natural: int | None
    independent: int | None
    target: int | None = Field(description="Minimum for the year; null where a target makes no sense.")
    remaining: int | None
    pending: int | None = Field(description="Under 12 months old on `as_of`, without relapse.")
    durable: int | None = Field(description="12 months without relapse.")
    relapsed: int | None
    relapsed_later: int | None = Field(description="Durable, with a relapse after the 12 months.")
    withheld: bool = Field(
        description="The figures are null because analysts do not see them under regency level, where some may be of"
        " few households."
    )


class Counts(BaseModel):
    position: int = Field(description="The log position that the figures are known at.")
    known_at: str | None = Field(default=None, description="As it was asked.")
    as_of: date
    year: int
    by: By | None
    rows: list[CountRow]


class WaitingProposal(BaseModel):
    graduation: UUID
    household: UUID
    kind: str
    programmes: list[str]
    evidence: list[str]
    own_request: bool
    steps: int
    stage: str
    who: str = Field(description="Who must act.")
    since: date
    proposed_by: str
    proposed_on: date
    note: str | None
    return_reason: str | None
    return_note: str | None
    region: str
    facilitator: UUID | None = Field(description="The lead of the day.")
