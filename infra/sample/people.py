"""The people of a family: who they are, and what they are eligible for on a day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from random import Random
from uuid import UUID, uuid5

from domain.codes import Component, PasGroup
from infra.sample import names
from infra.sample.numbers import Numbers
from infra.sample.spans import years_before

ELDERLY_FROM = 60
SCHOOL_ENDS = 19
MISTAKEN_CARDS = 0.004
"""The share of people whose identity number holds another birth date than theirs, as real ones do."""
STAGES = (
    (7, Component.EARLY_CHILDHOOD),
    (13, Component.PRIMARY_SCHOOL),
    (16, Component.JUNIOR_SECONDARY),
    (SCHOOL_ENDS, Component.SENIOR_SECONDARY),
)
"""The age at which a child is no longer in the stage."""
YOUNG_GROUPS = (
    (PasGroup.VICTIMS_OF_VIOLENCE, 61),
    (PasGroup.DISASTER_VICTIMS, 43),
    (PasGroup.SPECIAL_AFFIRMATION, 37),
    (PasGroup.VULNERABLE_CHILDREN, 7),
    (PasGroup.THE_POOR, 4),
)
GROWN_GROUPS = (
    (PasGroup.PRISONERS, 29),
    (PasGroup.DRUG_ABUSE_AND_HIV, 23),
    (PasGroup.SOCIAL_PROBLEMS, 19),
    (PasGroup.DISASTER_VICTIMS, 17),
    (PasGroup.THE_POOR, 4),
)
"""One person in so many is of the group; the others are of low income."""
WOMEN = (PasGroup.VULNERABLE_WOMEN, 3)
DISABILITIES = (
    "Disabilitas berat sejak lahir, perlu dibantu makan dan mandi",
    "Lumpuh layu setelah demam tinggi, memakai kursi roda",
    "Tunanetra total, belum pernah sekolah",
    "Tunarungu wicara, berkomunikasi dengan isyarat keluarga",
    "Cerebral palsy, terapi seminggu sekali di puskesmas",
    "Disabilitas intelektual berat, tidak bisa ditinggal sendiri",
    "Down syndrome dengan kelainan jantung",
    "Disabilitas ganda, penglihatan dan gerak",
    "Epilepsi berat, minum obat setiap hari",
    "Amputasi kedua kaki setelah kecelakaan",
    "Skizofrenia, kontrol bulanan di RSUD",
)


class Shape(Enum):
    """What kind of family it is."""

    CHILDREN = "with children who are in school for years to come"
    LEAVING_SCHOOL = "whose last child leaves school within the two years"
    ELDERLY = "of an elderly couple or widow"
    CHILDLESS = "of adults, with no PKH component"
    WITH_MOTHER = "of one adult and an old mother, the only PKH component"


@dataclass(frozen=True, slots=True)
class Person:
    id: UUID
    name: str
    nik: str
    birth_date: date
    head: bool = False
    severely_disabled: bool = False

    def age(self, day: date) -> int:
        return day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))

    def component(self, day: date) -> Component:
        if self.severely_disabled:
            return Component.SEVERE_DISABILITY
        age = self.age(day)
        if age >= ELDERLY_FROM:
            return Component.ELDERLY
        return next((component for limit, component in STAGES if age < limit), Component.NONE)

    def pas_group(self, day: date) -> PasGroup:
        """The same at every assessment of the person, but for age."""
        if self.severely_disabled:
            return PasGroup.PERSONS_WITH_DISABILITIES
        age = self.age(day)
        if age >= ELDERLY_FROM + 15:
            return PasGroup.NEGLECTED_ELDERLY
        groups: tuple[tuple[PasGroup, int], ...] = YOUNG_GROUPS if age < SCHOOL_ENDS else GROWN_GROUPS
        if age >= SCHOOL_ENDS and self.woman:
            groups = (*groups, WOMEN)
        return next((group for group, every in groups if self.id.int % every == 0), PasGroup.LOW_INCOME)

    @property
    def woman(self) -> bool:
        """By the identity number, which adds 40 to a woman's day of birth."""
        return int(self.nik[6:8]) > 40

    @property
    def disability(self) -> str | None:
        return DISABILITIES[self.id.int % len(DISABILITIES)] if self.severely_disabled else None


class People:
    """Makes the people of one family: its ids, numbers and names."""

    def __init__(self, household: UUID, subdistrict: str, chance: Random, numbers: Numbers) -> None:
        self._household = household
        self._subdistrict = subdistrict
        self._chance = chance
        self._numbers = numbers
        self._count = 0

    def family(
        self,
        shape: Shape,
        on: date,
        *,
        head: str | None = None,
        woman: bool = False,
        school_ends: date | None = None,
    ) -> list[Person]:
        """The members on the day of registration; `school_ends` is when the last child of `LEAVING_SCHOOL` is 19.

        `head` names its head, a widow where `woman`; by chance where not given.
        """
        chance = self._chance
        widow = woman if head else chance.random() < 0.15 or shape is Shape.WITH_MOTHER
        old = shape is Shape.ELDERLY
        age = chance.randint(66, 76) if old else chance.randint(40 if shape is Shape.LEAVING_SCHOOL else 28, 49)
        members = [self.person(on, age, woman=widow, head=True, name=head)]
        if not widow:
            wife = self.person(on, age - chance.randint(0, 5), woman=True)
            members.append(replace(wife, severely_disabled=False) if shape is Shape.LEAVING_SCHOOL else wife)
        if shape is Shape.LEAVING_SCHOOL and school_ends is not None:
            members.append(self.born(years_before(school_ends, SCHOOL_ENDS), woman=chance.random() < 0.5))
        if shape is Shape.CHILDREN:
            ages = [chance.randint(0, 11), *(chance.randint(3, 17) for _ in range(chance.choice((0, 0, 1, 1, 2))))]
            members += [self.person(on, years, woman=chance.random() < 0.5) for years in sorted(ages, reverse=True)]
        if shape is Shape.WITH_MOTHER:
            mother = self.person(on, max(age + chance.randint(20, 30), 64), woman=True)
            members.append(replace(mother, severely_disabled=False))
        if shape is Shape.CHILDLESS:
            members.append(self.person(on, chance.randint(20, 27), woman=chance.random() < 0.5))
        return members

    def person(self, on: date, age: int, *, woman: bool, head: bool = False, name: str | None = None) -> Person:
        """Somebody of this age on that day."""
        born = years_before(on, age) - timedelta(days=self._chance.randint(1, 360))
        grown = age >= 18
        called = name or (names.adult if grown else names.child)(self._chance, woman=woman)
        disabled = not head and self._chance.random() < 0.015
        return self._numbered(called, born, woman=woman, head=head, disabled=disabled)

    def born(self, birth_date: date, *, woman: bool) -> Person:
        return self._numbered(names.child(self._chance, woman=woman), birth_date, woman=woman)

    def _numbered(
        self, name: str, birth_date: date, *, woman: bool, head: bool = False, disabled: bool = False
    ) -> Person:
        self._count += 1
        mistaken = self._chance.random() < MISTAKEN_CARDS
        stated = birth_date + timedelta(days=1) if mistaken else birth_date
        nik = self._numbers.nik(self._subdistrict, stated, woman=woman)
        return Person(uuid5(self._household, f"member/{self._count}"), name, nik, birth_date, head, disabled)
