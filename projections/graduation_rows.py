"""The rows that graduations are counted from: the signed ledger, and its sums by area and by facilitator.

Sums are over a lens and a year. An entry counts from its date on, and a relapse from the day of the relapse on, so a
figure on any date is a sum over the rows of the days until then; months are summed too, so that these are few.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from domain.target import Set
from projections.engine.log import LoggedEvent
from projections.engine.projection import Change, Put, Table
from projections.graduation_state import ANY, Counted, Lens, durable_on

LEDGER = Table("graduation_ledger", ("household", "position", "programme", "kinds", "graduation", "sign"))
FIGURES_SUMMED = ("counted", "fell", "relapsed", "relapsed_later")
FIGURES_OF_KIND = tuple(f"{name}_of_kind" for name in FIGURES_SUMMED)
"""The same under the lens of a graduation's own kind."""
TOTALS = Table(
    "graduation_totals",
    ("programme", "year", "span", "level", "area", "day", "month", "kind"),
    sums=(*FIGURES_SUMMED, *FIGURES_OF_KIND),
)
CREDITS = Table(
    "graduation_credits",
    ("year", "programme", "kinds", "facilitator"),
    sums=("counted", "independent", "fell", "relapsed_later"),
)
OFFICES = Table("graduation_offices", ("facilitator",))
TARGETS = Table("graduation_targets", ("year", "pillar", "revision"))

DAY, MONTH = "day", "month"
FINEST_SUMMED = 2
"""Sums are kept for the nation (level 0), provinces and regencies; smaller areas have few enough entries to add up."""


def entry(counted: Counted, sign: int, lens: Lens, logged: LoggedEvent) -> list[Change]:
    """One graduation more (`sign` 1) or less (-1) under a lens."""
    row = {
        "household": logged.stream,
        "position": logged.position,
        "programme": lens[0],
        "kinds": lens[1],
        "graduation": counted.graduation,
        "sign": sign,
        "year": counted.on.year,
        "kind": counted.kind,
        "on": counted.on,
        "durable_on": durable_on(counted.on),
        "relapsed_on": counted.relapsed_on,
        "region": counted.region,
        "facilitator": counted.facilitator,
    }
    return [Put(LEDGER, row), *_totals(counted, sign, lens), *_credits(counted, sign, lens)]


def _totals(counted: Counted, sign: int, lens: Lens) -> Iterator[Put]:
    """`day` is that of the graduation, or for a relapse that from which it counts; `month` the graduation's."""
    fell = sign if counted.fell else 0
    yield from _sums(counted, lens, counted.on, (sign, fell, 0, 0))
    if counted.relapsed_on is not None:
        yield from _sums(counted, lens, max(counted.on, counted.relapsed_on), (0, 0, fell, sign - fell))


def _sums(counted: Counted, lens: Lens, day: date, numbers: tuple[int, ...]) -> Iterator[Put]:
    programme, kind = lens
    named = FIGURES_SUMMED if kind == ANY else FIGURES_OF_KIND
    sums = {**dict.fromkeys(TOTALS.sums, 0), **dict(zip(named, numbers, strict=True))}
    parts = counted.region.split(".")
    for level in range(FINEST_SUMMED + 1):
        for span, begins in ((DAY, day), (MONTH, day.replace(day=1))):
            key = {
                "programme": programme,
                "year": counted.on.year,
                "span": span,
                "level": level,
                "area": ".".join(parts[:level]),
                "day": begins,
                "month": counted.on.month,
                "kind": counted.kind,
            }
            yield Put(TOTALS, {**key, **sums})


def _credits(counted: Counted, sign: int, lens: Lens) -> Iterator[Put]:
    """Whom it counts for, whatever has become of it by when."""
    if counted.facilitator is not None:
        fell = sign if counted.fell else 0
        yield Put(
            CREDITS,
            {
                "year": counted.on.year,
                "programme": lens[0],
                "kinds": lens[1],
                "facilitator": counted.facilitator,
                "counted": sign,
                "independent": sign if counted.kind == "independent" else 0,
                "fell": fell,
                "relapsed_later": sign - fell if counted.relapsed_on is not None else 0,
            },
        )


def target(event: Set, logged: LoggedEvent) -> Mapping[str, Any]:
    kinds = set(event.kinds)
    return {
        "year": event.year,
        "pillar": event.pillar,
        "revision": event.revision,
        "minimum": event.minimum,
        "kinds": str(event.kinds[0]) if len(kinds) == 1 else ANY,
        "position": logged.position,
    }
