"""Graduations as a signed ledger: what counts, for whom and since which position; and what it is measured against.

Which graduation of a household counts in a year depends on what is asked (DESIGN.md section 7.1), so the ledger is kept
once for each *lens*: a programme or `*`, and a kind or `*`. What is asked most is summed up beside it.
"""

from uuid import UUID

import msgspec

from domain.codes import Measure
from domain.facilitator import Appointed, Retired
from domain.graduation_events import Graduated, GraduationRevoked
from domain.household_events import ReEnrolled
from domain.target import Set
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Projection, Put
from projections.graduation_rows import CREDITS, LEDGER, OFFICES, TARGETS, TOTALS, entry, target
from projections.graduation_state import ANY, Counted, GraduationState, Office, chosen

MATTERS = (Graduated, GraduationRevoked, ReEnrolled, Appointed, Retired, Set)


def key(logged: LoggedEvent) -> UUID | None:
    """The stream: a household, a facilitator or a target."""
    return logged.stream if isinstance(logged.event, MATTERS) else None


def fold(state: GraduationState | None, logged: LoggedEvent) -> tuple[GraduationState, list[Change]]:
    before = state or GraduationState()
    match logged.event:
        case Graduated() as event:
            new = Counted(
                event.graduation,
                logged.position,
                event.kind,
                event.programmes,
                event.on,
                event.facilitator,
                event.region,
            )
            return _recounted(before, (*before.graduations, new), new, logged)
        case GraduationRevoked() as event:
            (revoked,) = (g for g in before.graduations if g.graduation == event.graduation and not g.revoked)
            return _changed(before, revoked, msgspec.structs.replace(revoked, revoked=True), logged)
        case ReEnrolled() as event:
            return _relapsed(before, event, logged)
        case Appointed() as event:
            return _in_office(
                Office(logged.stream, event.pillar, event.region, event.on, appointed_position=logged.position)
            )
        case Retired() as event if before.office is not None:
            retired = msgspec.structs.replace(before.office, retired_on=event.on, retired_position=logged.position)
            return _in_office(retired)
        case Set() as event if event.measure is Measure.GRADUATIONS:
            return before, [Put(TARGETS, target(event, logged))]
    return before, []


def _relapsed(before: GraduationState, event: ReEnrolled, logged: LoggedEvent) -> tuple[GraduationState, list[Change]]:
    """The earliest relapse decides, in whatever order they were recorded."""
    (graduate,) = (g for g in before.graduations if g.graduation == event.graduation)
    if graduate.relapsed_on is not None and graduate.relapsed_on <= event.on:
        return before, []
    return _changed(before, graduate, msgspec.structs.replace(graduate, relapsed_on=event.on), logged)


def _changed(
    before: GraduationState, old: Counted, new: Counted, logged: LoggedEvent
) -> tuple[GraduationState, list[Change]]:
    return _recounted(before, tuple(new if g is old else g for g in before.graduations), new, logged)


def _recounted(
    before: GraduationState, after: tuple[Counted, ...], changed: Counted, logged: LoggedEvent
) -> tuple[GraduationState, list[Change]]:
    changes: list[Change] = []
    for programme in (ANY, *changed.programmes):
        for kind in (ANY, changed.kind):
            lens = (programme, str(kind))
            was = chosen(before.graduations, changed.on.year, lens)
            now = chosen(after, changed.on.year, lens)
            if was == now:
                continue
            changes += [] if was is None else entry(was, -1, lens, logged)
            changes += [] if now is None else entry(now, 1, lens, logged)
    return msgspec.structs.replace(before, graduations=after), changes


def _in_office(office: Office) -> tuple[GraduationState, list[Change]]:
    return GraduationState(office=office), [Put(OFFICES, msgspec.structs.asdict(office))]


PROJECTION = Projection("graduations", (LEDGER, TOTALS, CREDITS, OFFICES, TARGETS), GraduationState, key, fold)
