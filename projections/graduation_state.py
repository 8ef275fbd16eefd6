"""A household's graduations as they stand, and which of them counts under a lens."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

import msgspec

from domain.codes import GraduationKind, Pillar

ANY = "*"
Lens = tuple[str, str]
"""Programme or `*`, kind or `*`."""


class Counted(msgspec.Struct, frozen=True):
    """A graduation as it was determined, and what became of it; `relapsed_on` is its earliest relapse."""

    graduation: UUID
    position: int
    kind: GraduationKind
    programmes: tuple[str, ...]
    on: date
    facilitator: UUID | None
    region: str
    revoked: bool = False
    relapsed_on: date | None = None

    @property
    def fell(self) -> bool:
        """Whether it relapsed within twelve months; a later relapse is counted beside it."""
        return self.relapsed_on is not None and self.relapsed_on < durable_on(self.on)


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


def old_enough(day: date) -> date:
    """The last date of a graduation that is twelve months old on `day`: `durable_on` the other way round."""
    morrow = day + timedelta(days=1)
    if (morrow.month, morrow.day) == (2, 29):
        return day.replace(year=day.year - 1)
    return morrow.replace(year=morrow.year - 1) - timedelta(days=1)
