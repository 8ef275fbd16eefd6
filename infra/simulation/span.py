"""The years of a simulation, laid back from the day it was begun on, and moments within them by chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from infra.sample.spans import Quarter, months_before, quarters_until, years_before

DAYS = 365.25


@dataclass(frozen=True, slots=True)
class Span:
    today: date
    years: int

    @property
    def start(self) -> date:
        return years_before(self.today, self.years)

    @property
    def opened(self) -> date:
        """When the directories were filled."""
        return self.start - timedelta(days=30)

    def quarters(self) -> list[Quarter]:
        return quarters_until(self.today, 4 * self.years)

    def months(self) -> list[date]:
        """A day of each of its months."""
        return [months_before(self.today, back) for back in range(12 * self.years, -1, -1)]

    def calendar_years(self) -> range:
        return range(self.opened.year, self.today.year + 1)


def years_between(first: date, last: date) -> float:
    return max((last - first).days, 0) / DAYS


def moments(chance: Random, first: date, last: date, rate: float) -> Iterator[date]:
    """Days on which something happens that does so `rate` times a year on average."""
    at = chance.expovariate(rate) * DAYS
    while at <= (last - first).days:
        yield first + timedelta(days=int(at))
        at += chance.expovariate(rate) * DAYS
