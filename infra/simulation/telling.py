"""Tells a simulation to an application: its directories, and the lives of its households one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from uuid import UUID, uuid5

from domain.deadlines import Days
from domain.ports import Calendar, Registry, Sealer
from domain.programme import programme_id
from domain.values import Actor, Command
from infra.event_log.bulk import Bulk
from infra.sample.directories import PKH, agency_id
from infra.sample.hands import Hands, World
from infra.sample.identities import NAMESPACE
from infra.sample.referral_hands import pass_deadlines
from infra.simulation.caseloads import Caseloads
from infra.simulation.directories import Office, local_agency
from infra.simulation.families import Families
from infra.simulation.span import Span


class Remembering:
    """A calendar that reckons each deadline once."""

    def __init__(self, calendar: Calendar) -> None:
        self.after = lru_cache(maxsize=None)(calendar.after)


class SimulatedHands(Hands):
    """Command ids are drawn, which is quicker than deriving them, by a chance of the family's own."""

    def command(self, actor: Actor, on: date) -> Command:
        return Command(UUID(int=self.family.chance.getrandbits(128), version=4), actor, on, today=on)


@dataclass(frozen=True, slots=True)
class Tools:
    """What lives are told with, beside the application."""

    sealer: Sealer
    registry: Registry
    calendar: Calendar
    days: Days


class Simulation:
    """The households of one seed, span and settings."""

    def __init__(self, tools: Tools, *, households: int, years: int, seed: int, today: date) -> None:
        self.span = Span(today, years)
        self.id = simulation_id(years=years, seed=seed, today=today)
        self.caseloads = Caseloads(households, seed, self.span)
        self.families = Families(self.caseloads, seed, self.span, self.id, tools.registry)
        self._tools = tools
        self._calendar = Remembering(tools.calendar)
        self._facilitators = {p.id: p.actor for caseload in self.caseloads.all for p in caseload.facilitators}

    def offices(self) -> list[UUID]:
        """The streams by whose presence each part of the directories is known to be there."""
        caseloads = self.caseloads.all
        agencies = [agency_id(local_agency(regency)) for regency in self._regencies()]
        return [programme_id(PKH), *agencies, *(caseload.facilitator.id for caseload in caseloads)]

    def fill(self, application: Bulk, there: set[UUID]) -> None:
        """The directories but for the parts that are there; each lands whole or not at all."""
        office = Office(application, self._tools.sealer, self._tools.registry, self.span, self.id)
        parts: list[Callable[[], None]] = [
            office.ministry,
            *(partial(office.regency, regency) for regency in self._regencies()),
            *(partial(office.caseload, caseload) for caseload in self.caseloads.all),
        ]
        for stream, part in zip(self.offices(), parts, strict=True):
            if stream not in there:
                with application.together():
                    part()

    def _regencies(self) -> list[str]:
        return [*dict.fromkeys(caseload.regency for caseload in self.caseloads.all)]

    def live(self, application: Bulk, number: int) -> None:
        """The life of one household, day by day, and what the clock wrote between; it lands whole or not at all."""
        tools = self._tools
        family = self.families.make(number)
        world = World(
            application, tools.sealer, tools.registry, self._calendar, tools.days, self.span.today, self._facilitators
        )
        hands = SimulatedHands(world, family)
        with application.together():
            registration, *later = family.in_order(self._calendar)
            registration[1](hands, registration[0])
            for day, deed in later:
                pass_deadlines(hands, day)
                if hands.household.left_on is None:
                    deed(hands, day)
            pass_deadlines(hands, self.span.today)


def simulation_id(*, years: int, seed: int, today: date) -> UUID:
    """The command id of the first event of a simulation, by which one is known that was begun before."""
    return uuid5(NAMESPACE, f"simulation/{seed}/{years}/{today}")
