"""What is done to one family: its commands, sealed and dated, as any caller gives them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from domain.application import Rujukan
from domain.codes import (
    AssignmentRole,
    Channel,
    Component,
    ConnectionDeclinedReason,
    Criterion,
    DiscontinuationReason,
    HouseholdLeftReason,
    IncomeBand,
    MemberLeftReason,
    PasClass,
    ReversalReason,
    VisitPurpose,
    VisitResult,
)
from domain.deadlines import Days
from domain.household import Household
from domain.ports import Calendar, Registry, Sealer
from domain.values import Actor, Claim, Command, NewMember, Sealed
from infra.sample.family import Family
from infra.sample.identities import DISBURSEMENT_OFFICER, FACILITATORS, PROGRAMME_OFFICER
from infra.sample.people import Person

ACTORS = {pendamping.id: pendamping.actor for pendamping in FACILITATORS}


@dataclass(frozen=True, slots=True)
class World:
    """What families are told with; `facilitators` are all who may lead one of them."""

    application: Rujukan
    sealer: Sealer
    registry: Registry
    calendar: Calendar
    days: Days
    today: date
    facilitators: Mapping[UUID, Actor] = field(default_factory=lambda: ACTORS)


class Hands:
    """Every command is given on the day it is dated, by somebody who may; its id follows from its place."""

    def __init__(self, world: World, family: Family) -> None:
        self.world = world
        self.family = family
        self.referrals: list[UUID] = []
        self.recorded: dict[Person, Component] = {}
        """The component of each member, as last assessed; none before that."""
        self._commands = 0

    # Who and when

    def command(self, actor: Actor, on: date) -> Command:
        self._commands += 1
        return Command(uuid5(self.family.id, f"command/{self._commands}"), actor, on, today=on)

    @property
    def household(self) -> Household:
        return self.world.application.load(Household, self.family.id)

    def lead(self, on: date) -> Actor:
        """The facilitator in charge of the family on that day."""
        return self.world.facilitators[self.household.lead_on(on) or self.family.pendamping.id]

    def enrolled(self, programme: str, on: date) -> bool:
        household = self.household
        return household.left_on is None and household.was_enrolled(programme, on) and household.is_enrolled(programme)

    def is_member(self, person: Person) -> bool:
        found = self.household.members.get(person.id)
        return found is not None and found.left_on is None

    # Sealing

    def sealed(self, text: str, field: str, stream: UUID | None = None) -> Sealed:
        return self.world.sealer.seal(text, key=self.family.id, stream=stream or self.family.id, field=field)

    def note(self, text: str | None, stream: UUID | None = None) -> Sealed | None:
        return None if text is None else self.sealed(text, "note", stream)

    def _member(self, person: Person, on: date) -> NewMember:
        sealer, registry, household = self.world.sealer, self.world.registry, self.family.id
        if faults := [*registry.nik_faults(person.nik, on), *registry.kk_faults(self.family.kk)]:
            raise ValueError(f"The sample made a number that cannot be: {faults}.")

        def sealed(text: str, field: str) -> Sealed:
            return sealer.seal(text, key=person.id, stream=household, field=field)

        warnings = registry.nik_warnings(person.nik, birth_date=person.birth_date, region=self.family.village, today=on)
        return NewMember(
            id=person.id,
            nik=sealed(person.nik, "nik"),
            name=sealed(person.name, "name"),
            birth_date=sealed(person.birth_date.isoformat(), "birth_date"),
            head=person.head,
            claim=Claim(sealer.digest("nik", person.nik), household, person.id),
            warnings=tuple(warnings),
        )

    # The household and its members

    def register(self, on: date) -> None:
        family, sealer = self.family, self.world.sealer
        self.recorded = dict.fromkeys(family.members, Component.NONE)
        sealer.make_keys([family.id, *(person.id for person in family.members)])
        self.world.application.register_household(
            family.id,
            self.command(family.pendamping.actor, on),
            region=family.village,
            kk=self.sealed(family.kk, "kk"),
            kk_key=sealer.digest("kk", family.kk),
            address=self.sealed(family.address, "address"),
            members=tuple(self._member(person, on) for person in family.members),
        )

    def assign(self, on: date, facilitator: UUID, role: AssignmentRole = AssignmentRole.LEAD) -> None:
        self.world.application.assign(
            self.family.id, self.command(self.family.officer, on), facilitator=facilitator, role=role
        )

    def add_member(self, on: date, person: Person) -> None:
        self.recorded[person] = Component.NONE
        self.world.sealer.make_keys([person.id])
        self.world.application.add_member(self.family.id, self.command(self.lead(on), on), self._member(person, on))

    def remove_member(self, on: date, person: Person, reason: MemberLeftReason) -> None:
        self.recorded.pop(person)
        self.world.application.remove_member(self.family.id, self.command(self.lead(on), on), person.id, reason=reason)

    def assess_member(self, on: date, person: Person) -> None:
        component, group = person.component(on), person.pas_group(on)
        self.recorded[person] = component
        details = {
            "component": component.value,
            "pas_group": group.value,
            "disability": person.disability,
        }
        sealed = self.world.sealer.seal(
            json.dumps(details, sort_keys=True), key=person.id, stream=self.family.id, field="details"
        )
        self.world.application.assess_member(
            self.family.id,
            self.command(self.lead(on), on),
            person.id,
            details=sealed,
            pas_class=PasClass.PROTECTED if person.severely_disabled else PasClass.GENERAL,
        )

    def assess_again(self, on: date) -> None:
        """Those members whose component is no longer the recorded one."""
        if self.household.left_on is None:
            for person, component in [*self.recorded.items()]:
                if person.component(on) is not component:
                    self.assess_member(on, person)

    def move(self, on: date, village: str, address: str) -> None:
        self.world.application.move(
            self.family.id,
            self.command(self.lead(on), on),
            region=village,
            address=self.sealed(address, "address"),
        )

    def leave(self, on: date, reason: HouseholdLeftReason) -> None:
        self.world.application.leave(self.family.id, self.command(self.family.officer, on), reason=reason)

    # Assistance

    def enrol(self, on: date, programme: str) -> None:
        self.world.application.enrol(self.family.id, self.command(self.lead(on), on), programme=programme)

    def discontinue(self, on: date, programme: str, reason: DiscontinuationReason) -> None:
        self.world.application.discontinue(
            self.family.id, self.command(self.family.officer, on), programme=programme, reason=reason
        )

    def rank(self, on: date, period: str, decile: int | None) -> None:
        self.world.application.rank(
            self.family.id, self.command(PROGRAMME_OFFICER, on), decile=decile, period=period, source="dtsen"
        )

    def pay(
        self, on: date, programme: str, period: str, amount: int | None, channel: Channel, suffix: str = ""
    ) -> None:
        """Only what the family is enrolled for on the day."""
        if not self.enrolled(programme, on):
            return
        self.world.application.assist(
            self.family.id,
            self.command(DISBURSEMENT_OFFICER, on),
            programme=programme,
            period=period,
            channel=channel,
            amount=amount,
            paid_on=on,
            reference=self.reference(programme, period, suffix),
        )

    def reverse(self, on: date, programme: str, period: str, reason: ReversalReason, suffix: str = "") -> None:
        self.world.application.reverse_assistance(
            self.family.id,
            self.command(DISBURSEMENT_OFFICER, on),
            programme=programme,
            period=period,
            reference=self.reference(programme, period, suffix),
            reason=reason,
        )

    def reference(self, programme: str, period: str, suffix: str = "") -> str:
        return f"{programme.upper()}-{period}-{self.family.number:05}{suffix}"

    # In the field

    def visit(self, on: date, purpose: VisitPurpose, result: VisitResult, note: str | None = None) -> None:
        self.world.application.visit(
            self.family.id, self.command(self.lead(on), on), purpose=purpose, result=result, note=self.note(note)
        )

    def assess(
        self,
        on: date,
        *,
        has_business: bool,
        band: IncomeBand,
        criteria: Sequence[Criterion],
        income: int,
        note: str | None = None,
    ) -> None:
        """`income` in rupiah a month."""
        self.world.application.assess(
            self.family.id,
            self.command(self.lead(on), on),
            has_business=has_business,
            income_band=band,
            criteria=tuple(criteria),
            income=self.sealed(str(income), "income"),
            note=self.note(note),
        )

    def decline_connection(self, on: date, reason: ConnectionDeclinedReason) -> None:
        self.world.application.decline_connection(self.family.id, self.command(self.lead(on), on), reason=reason)
