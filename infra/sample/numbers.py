"""Identity and family card numbers that nobody has.

They have the structure of real ones (region of first registration, date, serial), so that they pass every check, and
serials from 9001 on: a serial counts the persons registered in one subdistrict with the same date of birth, or the
family cards issued there on one day, and nowhere comes near 9,000. Serials from 9901 on are the tour's.
"""

from datetime import date

FIRST_SERIAL = 9001
WOMEN = 40


class Numbers:
    """Gives each number once."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def nik(self, subdistrict: str, birth_date: date, *, woman: bool) -> str:
        """16 digits; `subdistrict` is a region code of three parts."""
        day = birth_date.day + (WOMEN if woman else 0)
        return self._next(f"{subdistrict.replace('.', '')}{day:02}{birth_date:%m%y}")

    def kk(self, subdistrict: str, issued_on: date) -> str:
        return self._next(f"{subdistrict.replace('.', '')}{issued_on:%d%m%y}", kind="kk")

    def _next(self, digits: str, kind: str = "nik") -> str:
        serial = self._given.get(kind + digits, FIRST_SERIAL)
        self._given[kind + digits] = serial + 1
        return f"{digits}{serial}"
