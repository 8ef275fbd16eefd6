"""Which facilitator has which households: caseloads one after the other, for as many households as are wanted."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from domain.codes import Pillar
from domain.values import Actor, Role
from infra.sample import names
from infra.sample.identities import Pendamping
from infra.simulation.parameters import LIFE
from infra.simulation.places import Places, villages
from infra.simulation.span import Span

FEWEST, MOST = LIFE.caseload - LIFE.caseload_spread, LIFE.caseload + LIFE.caseload_spread
VILLAGES = 3


@dataclass(frozen=True, slots=True)
class Caseload:
    """Households from `first` on, numbered from 0 over the whole simulation.

    `slot` tells facilitators of one subdistrict apart. Where there is a `predecessor`, who registered the first
    families, all of them went over to the facilitator on `handed_over`.
    """

    number: int
    first: int
    size: int
    slot: int
    facilitator: Pendamping
    predecessor: Pendamping | None
    handed_over: date

    @property
    def regency(self) -> str:
        return self.facilitator.region.rpartition(".")[0]

    @property
    def officer(self) -> Actor:
        """Of the regency's social office."""
        return Actor(f"officer-{self.regency}", Role.REGIONAL_OFFICER, self.regency)

    @property
    def facilitators(self) -> tuple[Pendamping, ...]:
        return (self.facilitator,) if self.predecessor is None else (self.predecessor, self.facilitator)


class Caseloads:
    """Those of the first so many households; a larger simulation begins with the same ones."""

    def __init__(self, households: int, seed: int, span: Span) -> None:
        places = Places(seed)
        self.all: list[Caseload] = []
        covered = 0
        while covered < households:
            self.all.append(_caseload(len(self.all), covered, places, seed, span))
            covered += self.all[-1].size
        self._first = [caseload.first for caseload in self.all]

    def of(self, household: int) -> Caseload:
        return self.all[bisect_right(self._first, household) - 1]


def _caseload(number: int, first: int, places: Places, seed: int, span: Span) -> Caseload:
    chance = Random(f"{seed}/caseload/{number}")
    subdistrict, slot = places.next()
    size = chance.randint(FEWEST, MOST)
    known = villages(subdistrict)
    chosen = tuple(chance.sample(known, min(VILLAGES, len(known))))

    def pendamping(place: str) -> Pendamping:
        name = names.adult(chance, woman=chance.random() < 0.5)
        return Pendamping(f"{seed}-{number}{place}", name, Pillar.PKH, subdistrict, chosen)

    replaced = chance.random() < LIFE.facilitators_replaced * span.years
    days = (span.today - span.start).days
    handed_over = span.start + timedelta(days=chance.randint(days // 4, days - days // 8))
    return Caseload(number, first, size, slot, pendamping(""), pendamping("-before") if replaced else None, handed_over)
