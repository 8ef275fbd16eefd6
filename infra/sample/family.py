"""A family of the sample and its agenda: what happens to it, day by day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from domain.ports import Calendar
from domain.values import Actor
from infra.sample.identities import REGIONAL_OFFICER, Pendamping
from infra.sample.people import People, Person, Shape
from infra.sample.spans import open_day

if TYPE_CHECKING:
    from infra.sample.hands import Hands

Deed = Callable[["Hands", date], object]
"""Something done on a day."""


@dataclass(slots=True)
class Family:
    """`decile` is the welfare rank it begins with and `decile_now` the one of today; the ranks between go evenly.

    `graduation` is the id of its proposal, should it be proposed. `prosperous` families have a business and met
    criteria: candidates for graduation. `officer` answers for it at the social office.
    """

    number: int
    id: UUID
    graduation: UUID
    pendamping: Pendamping
    village: str
    kk: str
    address: str
    shape: Shape
    registered_on: date
    members: list[Person]
    people: People
    programmes: tuple[str, ...]
    chance: Random
    today: date
    decile: int | None
    decile_now: int | None
    prosperous: bool = False
    officer: Actor = REGIONAL_OFFICER
    agenda: list[tuple[date, Deed]] = field(default_factory=list)

    def on(self, day: date, deed: Deed) -> None:
        """Puts a deed on the agenda; what lies after today has not happened and is left out."""
        if self.registered_on <= day <= self.today:
            self.agenda.append((day, deed))

    def in_order(self, calendar: Calendar) -> list[tuple[date, Deed]]:
        """The agenda by day, each deed on a day when offices are open; those of one day in the order put there."""
        planned = sorted(self.agenda, key=lambda entry: entry[0])
        return [(open_day(calendar, day, self.today), deed) for day, deed in planned]

    @property
    def head(self) -> Person:
        return next(member for member in self.members if member.head)

    @property
    def subdistrict(self) -> str:
        return self.village.rpartition(".")[0]

    def referral(self, number: int = 1) -> UUID:
        return uuid5(self.id, f"referral/{number}")
