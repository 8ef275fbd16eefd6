"""Folds a household's events into what its facilitator should know of it, and its payments."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain import graduation_events as graduation
from domain import household_events as events
from domain.codes import Criterion, IncomeBand
from domain.household_event import HouseholdEvent
from projections.candidate_score import reasons_for, score
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Draft, Drop, Projection, Put, Row, Table
from projections.household_rows import household_of

CASELOAD = Table("caseload", ("household",))
PAYMENTS = Table("payments", ("household", "programme", "period", "reference"))


class Ended(msgspec.Struct, frozen=True):
    """A graduation that stands: the programmes it ended, in which year."""

    programmes: tuple[str, ...]
    year: int


class Case(msgspec.Struct, frozen=True):
    """`ranks` are deciles by period; `visits` counts by year; `graduations` those not revoked; `ended_by` is, for each
    programme that was left, the graduation by which it was left last, or None after a discontinuation."""

    region: str
    programmes: tuple[str, ...] = ()
    ranks: dict[str, int | None] = {}
    has_business: bool | None = None
    income_band: IncomeBand | None = None
    criteria: tuple[Criterion, ...] = ()
    assessed_on: date | None = None
    last_visit_on: date | None = None
    visits: dict[str, int] = {}
    open_proposal: UUID | None = None
    graduations: dict[UUID, Ended] = {}
    ended_by: dict[str, UUID | None] = {}
    left: bool = False


def fold(case: Case | None, logged: LoggedEvent) -> tuple[Case, list[Change]]:
    """A household that left is in nobody's caseload; its payments remain."""
    event: Any = logged.event
    match event:
        case events.Assisted() if case is not None:
            return case, [Put(PAYMENTS, payment_row(logged.stream, event, logged.position))]
        case events.AssistanceReversed() if case is not None:
            return case, [Drop(PAYMENTS, payment_key(logged.stream, event))]
    after = Case(event.region) if case is None else evolved(case, event)
    if after is case:
        return after, []
    if after.left:
        return after, [Drop(CASELOAD, {"household": logged.stream})]
    return after, [Draft(CASELOAD, {"household": logged.stream}, row, (logged.stream, after))]


def evolved(case: Case, event: Any) -> Case:
    """The very case given where the event changes nothing of it."""
    change = msgspec.structs.replace
    match event:
        case events.Ranked():
            return change(case, ranks={**case.ranks, event.period: event.decile})
        case events.Assessed() if case.assessed_on is None or event.on >= case.assessed_on:
            return change(
                case,
                has_business=event.has_business,
                income_band=event.income_band,
                criteria=event.criteria,
                assessed_on=event.on,
            )
        case events.Visited():
            year = str(event.on.year)
            latest = max(event.on, case.last_visit_on or event.on)
            return change(case, visits={**case.visits, year: case.visits.get(year, 0) + 1}, last_visit_on=latest)
        case events.Enrolled() | events.ReEnrolled():
            return change(case, programmes=united(case.programmes, [event.programme]))
        case events.Discontinued():
            return change(
                case,
                programmes=without(case.programmes, [event.programme]),
                ended_by={**case.ended_by, event.programme: None},
            )
        case events.Moved():
            return change(case, region=event.region)
        case events.Left():
            return change(case, left=True)
        case _:
            return graduating(case, event)


def graduating(case: Case, event: Any) -> Case:
    change = msgspec.structs.replace
    match event:
        case graduation.GraduationProposed():
            return change(case, open_proposal=event.graduation)
        case graduation.GraduationRejected() | graduation.GraduationWithdrawn():
            return change(case, open_proposal=None)
        case graduation.Graduated():
            return change(
                case,
                open_proposal=None,
                programmes=without(case.programmes, event.programmes),
                graduations={**case.graduations, event.graduation: Ended(event.programmes, event.on.year)},
                ended_by={**case.ended_by, **dict.fromkeys(event.programmes, event.graduation)},
            )
        case graduation.GraduationRevoked():
            standing = dict(case.graduations)
            ended = standing.pop(event.graduation)
            again = [code for code in ended.programmes if case.ended_by[code] == event.graduation]
            return change(case, programmes=united(case.programmes, again), graduations=standing)
        case _:
            return case


def united(codes: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*codes, *more}))


def without(codes: Iterable[str], fewer: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes) - set(fewer)))


def row(household: UUID, case: Case) -> Row:
    """`graduated` names each programme left and the year, such as `pkh/2026`."""
    periods = sorted(case.ranks)
    decile = case.ranks[periods[-1]] if periods else None
    earlier = case.ranks[periods[-2]] if len(periods) > 1 else None
    reasons = reasons_for(
        has_business=case.has_business,
        decile=decile,
        earlier_decile=earlier,
        income_band=case.income_band,
        criteria=case.criteria,
    )
    return {
        "household": household,
        "region": case.region,
        "programmes": case.programmes,
        "decile": decile,
        "decile_period": periods[-1] if periods else None,
        "earlier_decile": earlier,
        "has_business": case.has_business,
        "income_band": case.income_band,
        "criteria": case.criteria,
        "assessed_on": case.assessed_on,
        "last_visit_on": case.last_visit_on,
        "visits": case.visits,
        "open_proposal": case.open_proposal,
        "graduated": sorted({f"{p}/{ended.year}" for ended in case.graduations.values() for p in ended.programmes}),
        "score": score(reasons),
        "reasons": reasons,
    }


def payment_row(household: UUID, event: events.Assisted, position: int) -> Row:
    return {
        **payment_key(household, event),
        "channel": event.channel,
        "amount": event.amount,
        "paid_on": event.paid_on,
        "position": position,
    }


def payment_key(household: UUID, event: events.Assisted | events.AssistanceReversed) -> dict[str, Any]:
    return {
        "household": household,
        "programme": event.programme,
        "period": event.period,
        "reference": event.reference,
    }


PROJECTION = Projection("caseload", (CASELOAD, PAYMENTS), Case, household_of, fold, (HouseholdEvent,))
