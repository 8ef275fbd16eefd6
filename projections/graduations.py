"""Graduations as a signed ledger: what counts, for whom and since which position; and what it is measured against.

Which graduation of a household counts in a year depends on what is asked (DESIGN.md section 7.1), so the ledger is kept
once for each *lens*: a programme or `*`, and a kind or `*`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from domain.codes import GraduationKind, Measure, Pillar
from domain.facilitator import Appointed, Retired
from domain.graduation_events import Graduated, GraduationRevoked
from domain.household_events import ReEnrolled
from domain.target import Set
from projections.log import LoggedEvent
from projections.projection import Change, Projection, Put, Table

LEDGER = Table("graduation_ledger", ("household", "position", "programme", "kinds", "graduation"))
TOTALS = Table(
    "graduation_totals", ("programme", "kinds", "year", "month", "kind", "region", "facilitator"), sums=("count",)
)
RELAPSES = Table("graduation_relapses", ("graduation", "position"))
OFFICES = Table("graduation_offices", ("facilitator",))
TARGETS = Table("graduation_targets", ("year", "pillar", "revision"))

ANY = "*"
NOBODY = UUID(int=0)
"""Stands in the roll-up for no facilitator."""
MATTERS = (Graduated, GraduationRevoked, ReEnrolled, Appointed, Retired, Set)

Lens = tuple[str, str]
"""Programme or `*`, kind or `*`."""


class Counted(msgspec.Struct, frozen=True):
    """A graduation as it was determined."""

    graduation: UUID
    position: int
    kind: GraduationKind
    programmes: tuple[str, ...]
    on: date
    facilitator: UUID | None
    region: str
    revoked: bool = False


class Office(msgspec.Struct, frozen=True):
    """A facilitator's time in office, with the positions at which it became known."""

    facilitator: UUID
    pillar: Pillar
    region: str
    appointed_on: date
    appointed_position: int
    retired_on: date | None = None
    retired_position: int | None = None


class GraduationState(msgspec.Struct, frozen=True):
    """A household's graduations, or a facilitator's office."""

    graduations: tuple[Counted, ...] = ()
    office: Office | None = None


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
            struck = msgspec.structs.replace(revoked, revoked=True)
            after = tuple(struck if g is revoked else g for g in before.graduations)
            return _recounted(before, after, revoked, logged)
        case ReEnrolled() as event:
            return before, [Put(RELAPSES, _relapse(event, logged))]
        case Appointed() as event:
            return _in_office(
                Office(logged.stream, event.pillar, event.region, event.on, appointed_position=logged.position)
            )
        case Retired() as event if before.office is not None:
            retired = msgspec.structs.replace(before.office, retired_on=event.on, retired_position=logged.position)
            return _in_office(retired)
        case Set() as event if event.measure is Measure.GRADUATIONS:
            return before, [Put(TARGETS, _target(event, logged))]
    return before, []


def chosen(graduations: Iterable[Counted], year: int, lens: Lens) -> Counted | None:
    """The one that counts: of those that stand, leave the lens's programme and are of its kind, the earliest."""
    programme, kind = lens
    fitting = [
        g
        for g in graduations
        if not g.revoked and g.on.year == year and programme in (ANY, *g.programmes) and kind in (ANY, g.kind)
    ]
    return min(fitting, key=lambda g: (g.on, g.position), default=None)


def durable_on(on: date) -> date:
    """Twelve months later, the 28th of February after a 29th."""
    leap_day = (on.month, on.day) == (2, 29)
    return on.replace(year=on.year + 1, day=28 if leap_day else on.day)


def _recounted(
    before: GraduationState, after: tuple[Counted, ...], changed: Counted, logged: LoggedEvent
) -> tuple[GraduationState, list[Change]]:
    changes: list[Change] = []
    for programme in (ANY, *changed.programmes):
        for kind in (ANY, changed.kind):
            lens = (programme, str(kind))
            was = chosen(before.graduations, changed.on.year, lens)
            now = chosen(after, changed.on.year, lens)
            if was is not None and (now is None or now.graduation != was.graduation):
                changes += _entry(was, -1, lens, logged)
            if now is not None and (was is None or now.graduation != was.graduation):
                changes += _entry(now, 1, lens, logged)
    return msgspec.structs.replace(before, graduations=after), changes


def _entry(counted: Counted, sign: int, lens: Lens, logged: LoggedEvent) -> list[Change]:
    shared = {
        "programme": lens[0],
        "kinds": lens[1],
        "year": counted.on.year,
        "month": counted.on.month,
        "kind": counted.kind,
        "region": counted.region,
    }
    entry = {
        "household": logged.stream,
        "position": logged.position,
        **shared,
        "graduation": counted.graduation,
        "sign": sign,
        "on": counted.on,
        "durable_on": durable_on(counted.on),
        "facilitator": counted.facilitator,
    }
    total = {**shared, "facilitator": counted.facilitator or NOBODY, "count": sign}
    return [Put(LEDGER, entry), Put(TOTALS, total)]


def _relapse(event: ReEnrolled, logged: LoggedEvent) -> Mapping[str, Any]:
    return {
        "graduation": event.graduation,
        "position": logged.position,
        "on": event.on,
        "household": logged.stream,
        "programme": event.programme,
    }


def _in_office(office: Office) -> tuple[GraduationState, list[Change]]:
    return GraduationState(office=office), [Put(OFFICES, msgspec.structs.asdict(office))]


def _target(event: Set, logged: LoggedEvent) -> Mapping[str, Any]:
    kinds = set(event.kinds)
    return {
        "year": event.year,
        "pillar": event.pillar,
        "revision": event.revision,
        "minimum": event.minimum,
        "kinds": str(event.kinds[0]) if len(kinds) == 1 else ANY,
        "position": logged.position,
    }


PROJECTION = Projection("graduations", (LEDGER, TOTALS, RELAPSES, OFFICES, TARGETS), GraduationState, key, fold)
