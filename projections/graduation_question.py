"""What is asked about graduations, of whom a caller may ask it, and which rows answer it soonest."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from domain.values import Actor, Role
from projections.graduation_rows import FINEST_SUMMED
from projections.graduation_state import old_enough

LEVELS = {"province": 2, "regency": 5, "subdistrict": 8, "village": 13}
"""Length of a region's code at each level."""
DEFAULT_LEVEL = "regency"
GROUPS = (None, "facilitator", "region", "kind", "pillar", "programme", "month")
EVERYWHERE = (Role.PROGRAMME_OFFICER, Role.ANALYST, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class CountQuestion:
    """What `GET /v1/graduations` asks. `by` is `facilitator`, `region`, `kind`, `pillar`, `programme`, `month` or None
    for one total; `level` (`province`, `regency`, `subdistrict`, `village`; regency unless given) is of groups by
    region; `region` a prefix; `as_of` the date on which durability is judged, and after which nothing counts."""

    year: int
    as_of: date
    month: int | None = None
    by: str | None = None
    level: str | None = None
    programme: str | None = None
    kind: str | None = None
    region: str | None = None
    facilitator: UUID | None = None

    @property
    def grouped_length(self) -> int:
        """Length of the regions' codes that are grouped by."""
        return LEVELS[self.level or DEFAULT_LEVEL]


@dataclass(frozen=True, slots=True)
class Where:
    """Whose graduations: of the region `area` (all, where empty) and, where given, of one facilitator."""

    area: str = ""
    facilitator: UUID | None = None
    nowhere: bool = False
    """What is asked for and what the caller may see have nothing in common."""


class Source(StrEnum):
    """Any question has its answer in the ledger; some have it in fewer rows."""

    LEDGER = "ledger"
    TOTALS = "totals"
    CREDITS = "credits"


def where(actor: Actor, question: CountQuestion) -> Where | None:
    """None for an actor who sees no figures."""
    asked = Where(question.region or "", question.facilitator)
    if actor.role in EVERYWHERE:
        return asked
    if actor.role is Role.FACILITATOR and actor.facilitator is not None:
        return Where(asked.area, actor.facilitator, nowhere=asked.facilitator not in (None, actor.facilitator))
    if actor.role is Role.REGIONAL_OFFICER and actor.scope:
        narrower = max(actor.scope, asked.area, key=len)
        return Where(
            narrower, asked.facilitator, nowhere=not all(within(narrower, a) for a in (actor.scope, asked.area))
        )
    return None


def source(question: CountQuestion, place: Where, *, past: bool) -> Source:
    """`past`: only what was known at an earlier position is asked for, and sums know but the present."""
    if past or place.facilitator is not None or level_of(place.area) > FINEST_SUMMED:
        return Source.LEDGER
    if question.by in ("facilitator", "pillar"):
        divided = date(question.year, 1, 1) <= old_enough(question.as_of) < date(question.year, 12, 31)
        return Source.LEDGER if place.area or question.month or divided else Source.CREDITS
    return Source.TOTALS if row_level(question, place) <= FINEST_SUMMED else Source.LEDGER


def level_of(area: str) -> int:
    """How many parts a region's code has; 0 for the nation."""
    return len(area.split(".")) if area else 0


def row_level(question: CountQuestion, place: Where) -> int:
    """The level of the sums that make up the groups: no wider than either the groups or the area."""
    grouped = list(LEVELS.values()).index(question.grouped_length) + 1 if question.by == "region" else 0
    return max(grouped, level_of(place.area))


def within(region: str, area: str) -> bool:
    return not area or region == area or region.startswith(f"{area}.")
