"""The days of the sample, laid back from the day of loading."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.ports import Calendar

WEEKEND = 5
QUARTERS_BACK = 8


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def start(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    def back(self, quarters: int) -> "Quarter":
        count = 4 * self.year + self.number - 1 - quarters
        return Quarter(count // 4, count % 4 + 1)


def quarters_until(today: date, back: int = QUARTERS_BACK) -> list[Quarter]:
    """So many quarters before the present one, and this."""
    present = Quarter.of(today)
    return [present.back(n) for n in range(back, -1, -1)]


def beginning(today: date) -> date:
    """The first day of the two years: from 24 to 27 months ago."""
    return quarters_until(today)[0].start


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    count = 12 * day.year + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def years_before(day: date, years: int) -> date:
    return months_before(day, 12 * years)


def office_day(day: date) -> date:
    """The Friday before where it falls on a weekend, within the same year."""
    friday = day - timedelta(days=max(0, day.weekday() - WEEKEND + 1))
    return friday if friday.year == day.year else day


def open_day(calendar: Calendar, day: date, last: date = date.max) -> date:
    """The day itself or the nearest before it on which offices are open, within the same year.

    At the beginning of a year it is the first open day after, and the day itself where that comes after `last`. The
    order of days stays.
    """
    found = calendar.after(day + timedelta(days=1), -1).date
    if found.year != day.year:
        found = calendar.after(day, 1).date
    return found if found <= last else day


def spread(first: date, last: date, count: int) -> list[date]:
    """So many days in even steps within the span, in order."""
    days = (last - first).days
    return [first + timedelta(days=(2 * n + 1) * days // (2 * count)) for n in range(count)]
