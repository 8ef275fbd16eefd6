"""The verbs of the directories: programmes, agencies, services, facilitators and targets."""

from collections.abc import Callable
from uuid import UUID

from domain.agency import Agency
from domain.aggregate import Recorded, check_not_future
from domain.codes import AgencyKind, GraduationKind, Measure, Pillar
from domain.deciding import Kind, check_role, check_version
from domain.directory_lookup import DirectoryLookup
from domain.errors import Invalid, NotFound
from domain.facilitator import Facilitator
from domain.programme import Programme, Terms, programme_id
from domain.service import Offer, Service
from domain.target import Target, target_id
from domain.values import Command, Outcome, Role, Sealed

ADMINISTRATORS = (Role.ADMINISTRATOR,)
PLANNERS = (*ADMINISTRATORS, Role.FACILITATOR)


class DirectoryCommands(DirectoryLookup):
    def define_programme(self, command: Command, *, code: str, terms: Terms) -> Outcome:
        """Defines it, or changes its terms where they differ."""
        stream = programme_id(code)
        return self._define(
            Programme,
            stream,
            "define-programme",
            command,
            make=lambda: Programme.define(command, code, terms),
            change=lambda p: p.change(command, terms),
            ids={"code": code},
        )

    def register_agency(self, command: Command, agency: UUID, *, name: str, kind: AgencyKind) -> Outcome:
        return self._make(
            command, "register-agency", agency, lambda: Agency.register(command, agency, name=name, kind=kind)
        )

    def publish_service(self, command: Command, service: UUID, *, agency: UUID, offer: Offer) -> Outcome:
        check_role(command.actor, "publish-service", ADMINISTRATORS)
        self.named(Agency, agency)
        return self._make(
            command, "publish-service", service, lambda: Service.publish(command, service, agency=agency, offer=offer)
        )

    def change_service(self, command: Command, service: UUID, *, offer: Offer) -> Outcome:
        return self._change(Service, service, "change-service", command, lambda s: s.change(command, offer))

    def withdraw_service(self, command: Command, service: UUID) -> Outcome:
        return self._change(Service, service, "withdraw-service", command, lambda s: s.withdraw(command))

    def appoint_facilitator(
        self, command: Command, facilitator: UUID, *, name: Sealed, pillar: Pillar, region: str
    ) -> Outcome:
        return self._make(
            command,
            "appoint-facilitator",
            facilitator,
            lambda: Facilitator.appoint(command, facilitator, name=name, pillar=pillar, region=region),
        )

    def plan(self, command: Command, facilitator: UUID, *, year: int, measure: Measure, planned: int) -> Outcome:
        """A facilitator plans the own year; an administrator anyone's."""
        check_role(command.actor, "plan", PLANNERS)
        if command.actor.role is Role.FACILITATOR and command.actor.facilitator != facilitator:
            raise NotFound(Facilitator.TOPIC)
        return self._change(
            Facilitator,
            facilitator,
            "plan",
            command,
            lambda f: f.plan(command, year=year, measure=measure, planned=planned),
            by=PLANNERS,
        )

    def retire_facilitator(self, command: Command, facilitator: UUID) -> Outcome:
        return self._change(Facilitator, facilitator, "retire-facilitator", command, lambda f: f.retire(command))

    def set_target(
        self,
        command: Command,
        *,
        year: int,
        pillar: Pillar,
        measure: Measure,
        minimum: int,
        kinds: tuple[GraduationKind, ...] | None = None,
    ) -> Outcome:
        """For graduations the kinds that count, `independent` alone unless given."""
        check_role(command.actor, "set-target", ADMINISTRATORS)
        check_not_future(command.on, command.today)
        if kinds and measure is not Measure.GRADUATIONS:
            raise Invalid("kinds", "Kinds are of graduations only.", "kinds")
        counted = kinds or ((GraduationKind.INDEPENDENT,) if measure is Measure.GRADUATIONS else ())
        counted = tuple(sorted(set(counted)))

        def attempt() -> Outcome:
            latest = self._latest_target(year, pillar, measure)
            ids = {"year": str(year), "pillar": str(pillar), "measure": str(measure)}
            if latest is not None and latest.says(minimum, counted):
                return self.store(command, latest, ids=ids)
            target = Target.set(
                command,
                year=year,
                pillar=pillar,
                measure=measure,
                minimum=minimum,
                kinds=counted,
                revision=latest.revision + 1 if latest else 1,
            )
            return self.store(command, target, ids=ids)

        return self.persist(attempt, command, "target", target_id(year, pillar, measure, 1))

    def _latest_target(self, year: int, pillar: Pillar, measure: Measure) -> Target | None:
        latest = None
        while True:
            try:
                revision = latest.revision + 1 if latest else 1
                latest = self.load(Target, target_id(year, pillar, measure, revision))
            except NotFound:
                return latest

    def _make(self, command: Command, action: str, record: UUID, make: Callable[[], Recorded]) -> Outcome:
        check_role(command.actor, action, ADMINISTRATORS)
        check_not_future(command.on, command.today)
        return self.persist(lambda: self.store(command, make(), ids={"id": str(record)}), command, action, record)

    def _change(
        self,
        kind: type[Kind],
        record: UUID,
        action: str,
        command: Command,
        decide: Callable[[Kind], object],
        by: tuple[Role, ...] = ADMINISTRATORS,
    ) -> Outcome:
        check_role(command.actor, action, by)

        def attempt() -> Outcome:
            found = self.load(kind, record)
            check_version(found, command)
            decide(found)
            return self.store(command, found, ids={"id": str(record)})

        return self.persist(attempt, command, kind.TOPIC, record)

    def _define(
        self,
        kind: type[Kind],
        record: UUID,
        action: str,
        command: Command,
        *,
        make: Callable[[], Kind],
        change: Callable[[Kind], object],
        ids: dict[str, str],
    ) -> Outcome:
        check_role(command.actor, action, ADMINISTRATORS)
        check_not_future(command.on, command.today)

        def attempt() -> Outcome:
            try:
                found = self.load(kind, record)
            except NotFound:
                return self.store(command, make(), ids=ids)
            check_version(found, command)
            change(found)
            return self.store(command, found, ids=ids)

        return self.persist(attempt, command, kind.TOPIC, record)
