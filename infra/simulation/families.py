"""Makes the households of the simulation, each by a chance of its own: neither order nor number of others matters."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid5

from domain.codes import GraduationKind
from domain.ports import Registry
from infra.sample import names
from infra.sample.directories import PKH
from infra.sample.family import Family
from infra.sample.identities import Pendamping
from infra.sample.making import BOTH, ordinary
from infra.sample.people import People, Shape
from infra.sample.spans import office_day
from infra.simulation.caseloads import Caseload, Caseloads
from infra.simulation.ends import end_of
from infra.simulation.lives import lead_life
from infra.simulation.numbers import FamilyNumbers
from infra.simulation.parameters import LIFE
from infra.simulation.span import Span

TAKEN_OVER = 45
"""Days within which those who are there from the beginning are registered."""
YOUNGEST = 30
"""Days before the end of the simulation until which families are registered."""
RISEN = (5, 6)
"""Deciles that those who graduate on their own come to."""


@dataclass(frozen=True, slots=True)
class Families:
    caseloads: Caseloads
    seed: int
    span: Span
    simulation: UUID
    registry: Registry

    def id(self, number: int) -> UUID:
        return uuid5(self.simulation, f"household/{number}")

    def make(self, number: int) -> Family:
        """With everything on its agenda; `number` counts from 0 over the whole simulation."""
        caseload = self.caseloads.of(number)
        chance = Random(f"{self.seed}/household/{number}")
        household = self.id(number)
        registered_on = _registered_on(chance, self.span)
        end = end_of(chance, registered_on, self.span.today)
        story = ordinary(chance)
        programmes, shape, decile_now = story.programmes, story.shape, story.decile_now
        if end is not None and end.kind is GraduationKind.NATURAL:
            programmes, shape = (PKH,) if chance.random() < 0.4 else BOTH, Shape.LEAVING_SCHOOL
        independent = end is not None and end.kind is GraduationKind.INDEPENDENT
        if independent:
            decile_now = chance.choice(RISEN)
        village = chance.choice(caseload.facilitator.villages)
        subdistrict = caseload.facilitator.region
        numbers = FamilyNumbers(caseload.slot, number - caseload.first)
        people = People(household, subdistrict, chance, numbers)
        school_ends = end.day - timedelta(days=60) if end is not None else None
        family = Family(
            number=number,
            id=household,
            graduation=uuid5(household, "graduation/1"),
            pendamping=_registrar(caseload, registered_on),
            village=village,
            kk=numbers.kk(subdistrict, registered_on - timedelta(days=chance.randint(200, 4000))),
            address=names.address(chance, self._name(village)),
            shape=shape,
            registered_on=registered_on,
            members=people.family(shape, registered_on, school_ends=school_ends),
            people=people,
            programmes=programmes,
            chance=chance,
            today=self.span.today,
            decile=story.decile,
            decile_now=decile_now,
            prosperous=independent,
            officer=caseload.officer,
        )
        lead_life(family, caseload, self.span, self._name)
        if end is not None:
            end.tell(family, caseload)
        return family

    def _name(self, village: str) -> str:
        return self.registry.region_name(village) or village


def _registered_on(chance: Random, span: Span) -> date:
    """In the first weeks, or for a share at any time since."""
    days = TAKEN_OVER
    if chance.random() < LIFE.late:
        days = (span.today - span.start).days - YOUNGEST
    return office_day(span.start + timedelta(days=chance.randint(0, days)))


def _registrar(caseload: Caseload, on: date) -> Pendamping:
    if caseload.predecessor is not None and on < caseload.handed_over:
        return caseload.predecessor
    return caseload.facilitator
