"""What auditors are told in figures: each household adds to some of them by the state that its events fold into.

A figure is named by what its row is of and by its column, such as `graduations/2026/33.24/count`; `all` is the whole
country.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from domain.referral_table import OPEN
from projections import catalogue, follow_up_rows
from projections.engine.projection import Projection
from projections.follow_up_order import FollowUpDays
from projections.follow_up_state import FollowUpState
from projections.graduation_state import ANY, GraduationState, chosen, durable_on

Figure = tuple[str, ...]
"""What its row is of, part by part, and its column."""
COUNTRY = "all"
FINEST = 2
"""Rows are of the country, its provinces and its regencies."""


@dataclass(frozen=True, slots=True)
class Judging:
    """The date on which durability and deadlines are judged, and the deadlines that are settings."""

    as_of: date
    days: FollowUpDays


class Adding(Protocol):
    """To which figures a household with this state adds one, and to which how often."""

    def __call__(self, household: UUID, state: Any, judging: Judging, /) -> Iterator[Figure]: ...


@dataclass(frozen=True, slots=True)
class Report:
    """`keys` say what a row is of. States are those of the fold of `projection`."""

    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    projection: Projection[Any]
    adding: Adding
    is_judged: bool = True
    """Whether the figures are other on another day, with the same known; else they are of what is known alone."""


def _graduations(household: UUID, state: GraduationState, judging: Judging) -> Iterator[Figure]:
    """As `GET /v1/graduations` counts: of a year one of a household, the earliest that stands."""
    for year in sorted({graduation.on.year for graduation in state.graduations}):
        counted = chosen(state.graduations, year, (ANY, ANY))
        if counted is None or counted.on > judging.as_of:
            continue
        relapsed = counted.relapsed_on is not None and counted.relapsed_on <= judging.as_of
        became = "durable" if durable_on(counted.on) <= judging.as_of else "pending"
        columns = ["count", str(counted.kind), "relapsed" if relapsed and counted.fell else became]
        columns += ["relapsed_later"] if relapsed and not counted.fell else []
        yield from ((str(year), area, column) for area in _areas(counted.region) for column in columns)


def _coverage(household: UUID, state: FollowUpState, judging: Judging) -> Iterator[Figure]:
    """What became of those who have graduated: each is in one column beside `graduated`."""
    latest = max(state.graduates, key=lambda graduate: (graduate.on, graduate.position), default=None)
    if latest is None:
        return
    if latest.relapsed:
        became = "relapsed"
    elif state.connected:
        became = "connected"
    elif any(followed.progress.state in OPEN for followed in state.referrals.values()):
        became = "referred"
    elif latest.declined:
        became = "declined"
    else:
        became = "left" if state.left else "unconnected"
    yield from ((area, column) for area in _areas(state.region) for column in ("graduated", became))


def _follow_up(household: UUID, state: FollowUpState, judging: Judging) -> Iterator[Figure]:
    """The items that `GET /v1/follow-up` lists."""
    days = judging.days.by_kind
    for item in follow_up_rows.items(household, state).values():
        due = item["due"] or item["since"] + timedelta(days=days[f"{item['kind']}_days"])
        columns = [item["kind"], *(["overdue"] if due < judging.as_of else [])]
        yield from ((area, column) for area in _areas(state.region) for column in columns)


def _areas(region: str) -> list[str]:
    """The country, the province and the regency that a region is in."""
    parts = region.split(".")[:FINEST]
    return [COUNTRY, *(".".join(parts[:many]) for many in range(1, len(parts) + 1))]


FOLDED = {projection.name: projection for projection in catalogue.PROJECTIONS}
GRADUATIONS = Report(
    "graduations",
    ("year", "region"),
    ("count", "natural", "independent", "pending", "durable", "relapsed", "relapsed_later"),
    FOLDED["graduations"],
    _graduations,
)
COVERAGE = Report(
    "coverage",
    ("region",),
    ("graduated", "connected", "referred", "declined", "unconnected", "relapsed", "left"),
    FOLDED["follow_up"],
    _coverage,
    is_judged=False,
)
FOLLOW_UP = Report(
    "follow_up", ("region",), ("referral", "proposal", "unconnected", "overdue"), FOLDED["follow_up"], _follow_up
)
PUBLISHABLE = (GRADUATIONS.name, COVERAGE.name)
"""What follows from the log alone: of follow-up, deadlines that are settings decide what is overdue."""
REPORTS = {report.name: report for report in (GRADUATIONS, COVERAGE, FOLLOW_UP)}


YEAR = re.compile(r"[1-9][0-9]{3}")
AREA = re.compile(rf"{COUNTRY}|[0-9]{{2}}(\.[0-9]{{2}})?")


class NoFigure(LookupError):
    """There is no figure of this name."""


def named_figure(text: str) -> tuple[Report, Figure]:
    """Raises `NoFigure`."""
    name, *figure = text.split("/")
    report = REPORTS.get(name)
    if report is None:
        raise NoFigure(f"There is no report {name!r}; there are {', '.join(REPORTS)}.")
    if len(figure) != len(report.keys) + 1 or figure[-1] not in report.columns:
        form = "/".join([name, *(key.upper() for key in report.keys)])
        raise NoFigure(f"A figure of {name} is {form}/ and one of {', '.join(report.columns)}.")
    keys = dict(zip(report.keys, figure, strict=False))
    if not YEAR.fullmatch(keys.get("year", "2026")):
        raise NoFigure(f"{keys['year']!r} is no year of four digits.")
    if not AREA.fullmatch(keys["region"]):
        raise NoFigure(f"{keys['region']!r} is neither {COUNTRY} nor the code of a province or regency, such as 33.24.")
    return report, tuple(figure)
