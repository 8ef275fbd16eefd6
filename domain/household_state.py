"""The parts of a household's state that its decisions are made on."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.codes import AssignmentRole, Channel, GraduationKind, PasClass
from domain.values import Sealed


class Stage(StrEnum):
    """Where an open proposal stands."""

    PROPOSED = "proposed"
    VERIFIED = "verified"
    RETURNED = "returned"


@dataclass(slots=True)
class Member:
    nik: Sealed
    name: Sealed
    birth_date: Sealed
    head: bool
    joined_on: date
    left_on: date | None = None
    details: Sealed | None = None
    pas_class: PasClass | None = None


@dataclass(slots=True)
class Assignment:
    """In force from `since` until the day before `until`."""

    facilitator: UUID
    role: AssignmentRole
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(slots=True)
class Enrolment:
    """In force from `since` to `until`, both days included; `ended_by` is the graduation that ended it."""

    since: date
    rule_version: int
    until: date | None = None
    ended_by: UUID | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(slots=True)
class Payment:
    channel: Channel
    amount: int | None
    paid_on: date
    reversed: bool = False


@dataclass(slots=True)
class Proposal:
    graduation: UUID
    kind: GraduationKind
    programmes: tuple[str, ...]
    by: str
    on: date
    steps: int
    stage: Stage = Stage.PROPOSED


@dataclass(slots=True)
class Graduation:
    kind: GraduationKind
    programmes: tuple[str, ...]
    on: date
    revoked: bool = False
    relapsed: bool = False


@dataclass(slots=True)
class Erasure:
    """A request to erase the data of one member, or where that is None of all, with the household's own; `keys` are
    those that were to be destroyed by it once it was confirmed."""

    member: UUID | None
    by: str
    open: bool = True
    keys: tuple[UUID, ...] = ()


class HouseholdState:
    """What a household is now, and was on a day: changed by its events, read by its rules, scopes and decisions."""

    region: str
    residences: list[tuple[date, str]]
    address: Sealed
    members: dict[UUID, Member]
    decile: int | None
    decile_period: str
    assignments: list[Assignment]
    enrolments: dict[str, list[Enrolment]]
    payments: dict[tuple[str, str, str], Payment]
    proposal: Proposal | None
    graduations: dict[UUID, Graduation]
    left_on: date | None
    erasures: dict[UUID, Erasure]
    erased: list[UUID]
    """Keys of members, and of the household itself, that are to be destroyed or are."""

    @property
    def all_erased(self) -> bool:
        return bool(self.members) and all(member in self.erased for member in self.members)

    @property
    def status(self) -> str:
        if self.left_on is not None:
            return "left"
        if any(self.is_enrolled(p) for p in self.enrolments):
            return "enrolled"
        return "graduated" if self.has_graduated else "registered"

    @property
    def state(self) -> str:
        return self.status if self.proposal is None else f"{self.status}/{self.proposal.stage}"

    def is_enrolled(self, programme: str) -> bool:
        return any(e.until is None for e in self.enrolments.get(programme, ()))

    def was_enrolled(self, programme: str, day: date) -> bool:
        return any(e.covers(day) for e in self.enrolments.get(programme, ()))

    @property
    def has_graduated(self) -> bool:
        return any(not g.revoked for g in self.graduations.values())

    def region_on(self, day: date) -> str:
        """Where it lived on a day."""
        return next((region for since, region in reversed(self.residences) if since <= day), self.residences[0][1])

    def lead_on(self, day: date) -> UUID | None:
        leads = [a for a in self.assignments if a.role is AssignmentRole.LEAD and a.holds_on(day)]
        return leads[-1].facilitator if leads else None

    def facilitators_on(self, day: date) -> set[UUID]:
        return {a.facilitator for a in self.assignments if a.holds_on(day)}

    def relapsed_from(self, programme: str, on: date) -> UUID | None:
        """The graduation that an enrolment then would be a relapse from: of this programme, else the latest."""
        standing = [(g.on, i) for i, g in self.graduations.items() if not g.revoked and g.on <= on]
        same = [(day, i) for day, i in standing if programme in self.graduations[i].programmes]
        latest = max(same or standing, default=None)
        return latest[1] if latest else None

    def end_enrolment(self, programme: str, on: date, graduation: UUID | None) -> None:
        for enrolment in self.enrolments.get(programme, ()):
            if enrolment.until is None:
                enrolment.until, enrolment.ended_by = on, graduation

    def resume_enrolment(self, programme: str, graduation: UUID) -> None:
        """As if the graduation had not ended it: it goes on for as long as the latest enrolment does."""
        *earlier, latest = self.enrolments[programme]
        if latest.ended_by == graduation:
            latest.until = latest.ended_by = None
        for enrolment in earlier:
            if enrolment.ended_by == graduation:
                enrolment.until, enrolment.ended_by = latest.until, latest.ended_by
