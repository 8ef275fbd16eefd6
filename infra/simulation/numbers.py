"""Numbers that nobody has, each household's drawn without a look at any other's.

Within one subdistrict each household has a serial of its own, from 9001 on as in the sample, so that two households
never have a number in common.
"""

from datetime import date, timedelta

from infra.sample.numbers import FIRST_SERIAL, Numbers

SERIALS = 333
"""Households of a facilitator at most: three facilitators share the 999 serials of a subdistrict."""


class FamilyNumbers(Numbers):
    """Two of a family with the same date of birth have cards a day apart, as mistaken cards are."""

    def __init__(self, slot: int, place: int) -> None:
        """`slot` is the facilitator's in the subdistrict, `place` the household's in the caseload, both from 0."""
        super().__init__()
        self._serial = FIRST_SERIAL + slot * SERIALS + place
        self._taken: set[str] = set()

    def nik(self, subdistrict: str, birth_date: date, *, woman: bool) -> str:
        number = self._numbered(super().nik(subdistrict, birth_date, woman=woman))
        if number in self._taken:
            return self.nik(subdistrict, birth_date - timedelta(days=1), woman=woman)
        self._taken.add(number)
        return number

    def kk(self, subdistrict: str, issued_on: date) -> str:
        return self._numbered(super().kk(subdistrict, issued_on))

    def _numbered(self, number: str) -> str:
        return f"{number[:12]}{self._serial}"
