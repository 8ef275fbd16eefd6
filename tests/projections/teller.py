"""Who acts in the story, and how: every command goes through the application."""

from datetime import date
from itertools import count
from uuid import UUID, uuid5

from domain.application import Rujukan
from domain.codes import (
    AssignmentRole,
    Channel,
    Evidence,
    GraduationKind,
    LegalBasis,
)
from domain.ports import Sealer
from domain.values import Actor, Claim, Command, Deadline, NewMember, Role, Sealed

NAMESPACE = UUID("0d9b3d8e-52f4-4a55-8a62-3f3f1c9a7b11")


def named(name: str) -> UUID:
    """The id of whoever or whatever the story calls so."""
    return uuid5(NAMESPACE, name)


ADMINISTRATOR = Actor("administrator-1", Role.ADMINISTRATOR)
MINISTRY = Actor("ministry-1", Role.PROGRAMME_OFFICER)
ANOTHER_MINISTRY = Actor("ministry-2", Role.PROGRAMME_OFFICER)
OFFICER = Actor("officer-1", Role.REGIONAL_OFFICER, "33.24")
CLOCK = Actor("clock", Role.CLOCK)
SARI = Actor("sari", Role.FACILITATOR, str(named("sari")))
JOKO = Actor("joko", Role.FACILITATOR, str(named("joko")))
BANK = Actor("bank-1", Role.AGENCY_OFFICER, str(named("bank")))
CENTRE = Actor("centre-1", Role.AGENCY_SYSTEM, str(named("centre")))


def day(text: str) -> date:
    return date.fromisoformat(text)


def due(text: str) -> Deadline:
    return Deadline(day(text), "official")


class Teller:
    """Acts for everybody in the story; ids come from names, so that the story is the same each time."""

    def __init__(self, application: Rujukan, sealer: Sealer, first_command: int = 1) -> None:
        self.app = application
        self.sealer = sealer
        self._commands = count(first_command)

    def by(self, actor: Actor, on: str) -> Command:
        return Command(named(f"command {next(self._commands)}"), actor, day(on), today=day(on))

    def sealed(self, text: str, key: str, stream: str, field: str) -> Sealed:
        return self.sealer.seal(text, key=named(key), stream=named(stream), field=field)

    def member(self, household: str, name: str, *, head: bool = False) -> NewMember:
        def box(field: str, text: str) -> Sealed:
            return self.sealed(text, name, household, field)

        nik = f"332404010190{named(name).int % 10_000:04d}"
        claim = Claim(self.sealer.digest("nik", nik), named(household), named(name))
        birth = "1990-01-01"
        return NewMember(named(name), box("nik", nik), box("name", name), box("birth_date", birth), head, claim)

    def register(self, household: str, on: str, *names: str, by: Actor = SARI, region: str = "33.24.04.2007") -> None:
        kk = f"332404100124{named(household).int % 10_000:04d}"
        self.app.register_household(
            named(household),
            self.by(by, on),
            region=region,
            kk=self.sealed(kk, household, household, "kk"),
            kk_key=self.sealer.digest("kk", kk),
            address=self.sealed("Dukuh Krajan RT 1", household, household, "address"),
            members=tuple(self.member(household, name, head=not place) for place, name in enumerate(names)),
        )

    def follow(self, household: str, on: str, who: Actor = SARI, role: AssignmentRole = AssignmentRole.LEAD) -> None:
        self.app.assign(named(household), self.by(OFFICER, on), facilitator=UUID(who.scope), role=role)

    def enrol(self, household: str, on: str, *programmes: str) -> None:
        for programme in programmes:
            self.app.enrol(named(household), self.by(OFFICER, on), programme=programme)

    def rank(self, household: str, on: str, period: str, decile: int | None) -> None:
        self.app.rank(named(household), self.by(OFFICER, on), decile=decile, period=period, source="dtsen")

    def pay(self, household: str, on: str, period: str, programme: str = "pkh", amount: int = 600_000) -> None:
        self.app.assist(
            named(household),
            self.by(OFFICER, on),
            programme=programme,
            period=period,
            channel=Channel.KKS,
            amount=amount,
            paid_on=day(on),
            reference=f"{programme}-{period}",
        )

    def propose(
        self,
        household: str,
        graduation: str,
        on: str,
        *programmes: str,
        kind: GraduationKind = GraduationKind.INDEPENDENT,
        by: Actor = SARI,
    ) -> None:
        self.app.propose_graduation(
            named(household),
            self.by(by, on),
            named(graduation),
            kind=kind,
            programmes=programmes,
            evidence=(Evidence.HOUSEHOLD_STATEMENT, Evidence.HOME_VISIT),
        )

    def graduate(self, household: str, graduation: str, on: str) -> None:
        self.app.approve_graduation(named(household), self.by(MINISTRY, on), named(graduation))

    def refer(
        self,
        household: str,
        referral: str,
        on: str,
        service: str = "loan",
        *,
        respond_by: str = "2026-06-20",
        previous: str | None = None,
    ) -> None:
        self.app.send_referral(
            named(household),
            self.by(OFFICER, on),
            named(referral),
            service=named(service),
            need=self.sealed("Modal untuk warung", household, referral, "need"),
            legal_basis=LegalBasis.CONSENT,
            respond_by=due(respond_by),
            expires_on=date(2026, 6, 28),
            previous=named(previous) if previous else None,
        )
