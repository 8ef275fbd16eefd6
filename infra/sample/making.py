"""Makes the families of the sample, each by a chance of its own, so that the same seed and day give the same family."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import uuid5

from domain.ports import Registry
from infra.sample import names
from infra.sample.directories import PBI_JK, PKH, SEMBAKO
from infra.sample.family import Family
from infra.sample.identities import NAMESPACE, Pendamping
from infra.sample.numbers import Numbers
from infra.sample.people import People, Shape
from infra.sample.routine import lead_life
from infra.sample.spans import beginning
from infra.sample.tour import TourFamily

BOTH = (PKH, SEMBAKO)


def nothing_more(_: Family) -> None:
    """The story of a family that leads the ordinary life alone."""


@dataclass(frozen=True, slots=True)
class Story:
    """A family wanted: what it must be, and what happens to it beside the routine.

    `decile_now` is the rank it has come to (None: about where it began); `school_ends` as in `People.family`.
    """

    tell: Callable[[Family], object] = nothing_more
    programmes: tuple[str, ...] = BOTH
    shape: Shape = Shape.CHILDREN
    prosperous: bool = False
    decile: int | None = 3
    decile_now: int | None = None
    school_ends: date | None = None
    pendamping: Pendamping | None = None
    """Who first leads it, where that is another than the owner of the caseload."""
    tour: TourFamily | None = None


class Maker:
    def __init__(self, seed: int, today: date, registry: Registry) -> None:
        self._seed = seed
        self._today = today
        self._registry = registry
        self._numbers = Numbers()
        self._made = 0

    def make(self, story: Story, owner: Pendamping) -> Family:
        self._made += 1
        number, tour = self._made, story.tour
        chance = Random(f"{self._seed}/{number}")
        household = tour.household if tour else uuid5(NAMESPACE, f"{self._seed}/household/{number}")
        village = tour.village if tour else chance.choice(owner.villages)
        subdistrict = village.rpartition(".")[0]
        registered_on = beginning(self._today) - timedelta(days=chance.randint(10, 120))
        people = People(household, subdistrict, chance, self._numbers)
        members = people.family(
            story.shape,
            registered_on,
            head=tour.head if tour else None,
            woman=tour.woman if tour else False,
            school_ends=story.school_ends,
        )
        issued = registered_on - timedelta(days=chance.randint(200, 4000))
        family = Family(
            number=number,
            id=household,
            graduation=tour.graduation if tour else uuid5(household, "graduation/1"),
            pendamping=story.pendamping or owner,
            village=village,
            kk=tour.kk if tour else self._numbers.kk(subdistrict, issued),
            address=names.address(chance, self.village_name(village)),
            shape=story.shape,
            registered_on=registered_on,
            members=members,
            people=people,
            programmes=story.programmes,
            chance=chance,
            today=self._today,
            decile=story.decile,
            decile_now=story.decile if story.decile_now is None else story.decile_now,
            prosperous=story.prosperous,
        )
        lead_life(family)
        story.tell(family)
        return family

    def village_name(self, village: str) -> str:
        name = self._registry.region_name(village)
        if name is None:
            raise ValueError(f"The sample's village {village} is not known.")
        return name


def ordinary(chance: Random) -> Story:
    """One of the many."""
    shape = chance.choices((Shape.CHILDREN, Shape.ELDERLY, Shape.CHILDLESS), (78, 14, 8))[0]
    kinds: tuple[tuple[tuple[str, ...], int], ...] = {
        Shape.CHILDREN: ((BOTH, 62), ((PKH,), 22), ((SEMBAKO,), 16)),
        Shape.ELDERLY: ((BOTH, 40), ((SEMBAKO,), 60)),
    }.get(shape, (((SEMBAKO,), 1),))
    programmes = chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
    insured = (*programmes, PBI_JK) if chance.random() < 0.12 else programmes
    decile = None if chance.random() < 0.02 else chance.choices((1, 2, 3, 4), (25, 35, 25, 15))[0]
    now = decile and min(max(decile + chance.choice((-1, 0, 0, 0, 1)), 1), 5)
    return Story(programmes=insured, shape=shape, decile=decile, decile_now=now)
