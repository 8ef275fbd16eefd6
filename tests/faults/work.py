"""What a writer of these tests does all day: the lives of households of its own, and visits to one that all share."""

from collections.abc import Callable, Iterator
from random import Random
from uuid import UUID

from domain.application import Rujukan
from domain.codes import AssignmentRole, Evidence, GraduationKind, LegalBasis, VisitPurpose, VisitResult
from domain.values import Actor, Claim, Command, NewMember, Outcome
from infra.event_log.bulk import Bulk
from infra.keys.rehearsed import rehearsed
from infra.persistence import persistence_environment
from tests.projections.teller import MINISTRY, OFFICER, SARI, Teller, day, due, named

SEALER = rehearsed()
SHARED = named("yuni")
"""A household of the story whom every writer visits, so that they are in each other's way."""
ON = "2026-06-30"
COMMANDS = 10_000_000
"""Of one worker; each numbers its commands behind those of the one before."""

Step = tuple[int, Command, Callable[[], Outcome]]
"""How many events the command makes, all in one append; the command; and the verb to call."""


class Worker:
    """Ids come from the worker's number, so those of two workers never meet."""

    def __init__(self, application: Rujukan, number: int, chance: Random) -> None:
        self.app = application
        self.number = number
        self.chance = chance
        self.teller = Teller(application, SEALER, first_command=(number + 1) * COMMANDS)

    def life(self, count: int) -> Iterator[Step]:
        """From registration to a referral, some 11 commands and 15 events; each is decided when the last is stored."""
        app, name = self.app, f"household {self.number}-{count}"
        household = named(name)
        yield self._register(name)
        yield self._step(
            OFFICER, lambda c: app.assign(household, c, facilitator=named("sari"), role=AssignmentRole.LEAD)
        )
        yield self._step(OFFICER, lambda c: app.enrol(household, c, programme="sembako"))
        decile = self.chance.randint(1, 5)
        yield self._step(OFFICER, lambda c: app.rank(household, c, decile=decile, period="2026-Q1", source="dtsen"))
        for visit in range(self.chance.randint(1, 4)):
            yield self._visit(household, f"visit {visit} to {name}")
            yield self._visit(SHARED, f"visit {visit} beside {name}")
        yield self._step(SARI, lambda c: self._propose(household, c, name))
        yield self._step(MINISTRY, lambda c: app.approve_graduation(household, c, named(f"graduation of {name}")))
        yield self._step(OFFICER, lambda c: self._refer(household, c, name), events=2)

    def _step(self, actor: Actor, verb: Callable[[Command], Outcome], events: int = 1) -> Step:
        command = self.teller.by(actor, ON)
        return events, command, lambda: verb(command)

    def _register(self, name: str) -> Step:
        kk = f"kk of {name}"
        members = tuple(self._member(name, place) for place in range(self.chance.randint(1, 4)))
        return self._step(
            SARI,
            lambda command: self.app.register_household(
                named(name),
                command,
                region="33.24.04.2007",
                kk=self.teller.sealed(kk, name, name, "kk"),
                kk_key=SEALER.digest("kk", kk),
                address=self.teller.sealed("Dukuh Krajan RT 1", name, name, "address"),
                members=members,
            ),
            events=1 + len(members),
        )

    def _member(self, household: str, place: int) -> NewMember:
        name = f"member {place} of {household}"
        nik, called, born = (
            self.teller.sealed(text, name, household, field)
            for field, text in (("nik", name), ("name", name), ("birth_date", "1990-01-01"))
        )
        claim = Claim(SEALER.digest("nik", name), named(household), named(name))
        return NewMember(named(name), nik, called, born, place == 0, claim)

    def _visit(self, household: UUID, text: str) -> Step:
        note = SEALER.seal(text, key=household, stream=household, field="note")
        purpose, result = VisitPurpose.USE_OF_AID, VisitResult.DONE
        return self._step(SARI, lambda c: self.app.visit(household, c, purpose=purpose, result=result, note=note))

    def _propose(self, household: UUID, command: Command, name: str) -> Outcome:
        return self.app.propose_graduation(
            household,
            command,
            named(f"graduation of {name}"),
            kind=GraduationKind.INDEPENDENT,
            programmes=("sembako",),
            evidence=(Evidence.HOUSEHOLD_STATEMENT, Evidence.HOME_VISIT),
        )

    def _refer(self, household: UUID, command: Command, name: str) -> Outcome:
        referral = f"referral of {name}"
        return self.app.send_referral(
            household,
            command,
            named(referral),
            service=named("loan"),
            need=self.teller.sealed("Modal untuk warung", name, referral, "need"),
            legal_basis=LegalBasis.CONSENT,
            respond_by=due("2026-07-20"),
            expires_on=day("2026-08-20"),
            previous=None,
        )


def backlog(url: str, lives: int) -> None:
    """Lives of households behind whatever is logged, some 17 events each."""
    with Bulk(persistence_environment(url)) as application:
        worker = Worker(application, number=0, chance=Random(lives))
        for count in range(lives):
            for _, _, verb in worker.life(count):
                verb()
