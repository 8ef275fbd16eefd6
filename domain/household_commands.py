"""The verbs of a household's life and assistance."""

from datetime import date
from uuid import UUID

from domain.access import may_be_assigned
from domain.aggregate import check_not_future
from domain.codes import (
    AssignmentRole,
    Channel,
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
from domain.deciding import Release, check_role
from domain.directory_lookup import DirectoryLookup, unknown
from domain.errors import Forbidden, Invalid
from domain.facilitator import Facilitator
from domain.household import Household
from domain.household_table import TABLE
from domain.programme import is_quarter
from domain.service import within
from domain.transitions import Action
from domain.values import Claim, Command, LookupKey, NewMember, Outcome, Role, Sealed


class HouseholdCommands(DirectoryLookup):
    def household_actions(self, household: UUID, command: Command) -> list[Action]:
        return self.visible_household(household, command).actions(command.actor, command.today)

    def register_household(
        self,
        household: UUID,
        command: Command,
        *,
        region: str,
        kk: Sealed,
        kk_key: LookupKey,
        address: Sealed,
        members: tuple[NewMember, ...],
    ) -> Outcome:
        """Raises `AlreadyRegistered` where the family card, or a member's number, belongs to a household already."""
        check_role(command.actor, "register", TABLE["register"].by)
        check_not_future(command.on, command.today)
        if command.actor.role is Role.REGIONAL_OFFICER and not within(region, command.actor.scope):
            raise Forbidden(command.actor.role, f"register households in {region}")

        def attempt() -> Outcome:
            new = Household.register(command, household, region=region, kk=kk, address=address, members=members)
            claims = [Claim(kk_key, household), *(m.claim for m in members)]
            return self.store(command, new, ids={"id": str(household)}, claims=claims)

        return self.persist(attempt, command, "household", household)

    def add_member(self, household: UUID, command: Command, member: NewMember) -> Outcome:
        return self.on_household(
            household,
            "add-member",
            command,
            lambda h: h.add_member(command, member),
            ids={"member_id": str(member.id)},
            claims=[member.claim],
        )

    def remove_member(self, household: UUID, command: Command, member: UUID, *, reason: MemberLeftReason) -> Outcome:
        return self.on_household(
            household,
            "remove-member",
            command,
            lambda h: h.remove_member(command, member, reason=reason),
            ids={"member_id": str(member)},
            releases=[(household, member)],
        )

    def assess_member(
        self, household: UUID, command: Command, member: UUID, *, details: Sealed, pas_class: PasClass
    ) -> Outcome:
        return self.on_household(
            household,
            "assess-member",
            command,
            lambda h: h.assess_member(command, member, details=details, pas_class=pas_class),
            ids={"member_id": str(member)},
        )

    def rank(self, household: UUID, command: Command, *, decile: int | None, period: str, source: str) -> Outcome:
        if decile is not None and not 1 <= decile <= 10:
            raise Invalid("decile", "A decile is from 1 to 10.", "decile")
        if not is_quarter(period):
            raise Invalid("wrong-period", "Ranks are by quarter, such as 2026-Q1.", "period")
        return self.on_household(
            household, "rank", command, lambda h: h.rank(command, decile=decile, period=period, source=source)
        )

    def assess(
        self,
        household: UUID,
        command: Command,
        *,
        has_business: bool,
        income_band: IncomeBand,
        criteria: tuple[Criterion, ...],
        income: Sealed | None = None,
        note: Sealed | None = None,
    ) -> Outcome:
        ordered = tuple(sorted(set(criteria)))
        return self.on_household(
            household,
            "assess",
            command,
            lambda h: h.assess(
                command,
                has_business=has_business,
                income_band=income_band,
                criteria=ordered,
                income=income,
                note=note,
            ),
        )

    def assign(self, household: UUID, command: Command, *, facilitator: UUID, role: AssignmentRole) -> Outcome:
        def decide(h: Household) -> object:
            found = self.named(Facilitator, facilitator)
            if not may_be_assigned(command.actor, found, h):
                raise unknown(Facilitator)
            found.check_in_office(command.on)
            return h.assign(command, facilitator, role)

        return self.on_household(household, "assign", command, decide)

    def enrol(self, household: UUID, command: Command, *, programme: str) -> Outcome:
        def decide(h: Household) -> object:
            rules = self.programme(programme)
            limit = rules.terms.decile_limit
            over = limit is not None and h.decile is not None and h.decile > limit
            return h.enrol(
                command,
                programme,
                relapse=rules.terms.relapse,
                rule_version=rules.rule_version,
                warnings=("decile-above-limit",) if over else (),
            )

        return self.on_household(household, "enrol", command, decide)

    def assist(
        self,
        household: UUID,
        command: Command,
        *,
        programme: str,
        period: str,
        channel: Channel,
        amount: int | None,
        paid_on: date,
        reference: str,
    ) -> Outcome:
        if paid_on > command.today:
            raise Invalid("future-date", f"{paid_on} is in the future.", "paid_on")
        if channel in (Channel.KKS, Channel.POST) and (amount or 0) < 1:
            raise Invalid("amount-missing", "A payment of money has an amount.", "amount")

        def decide(h: Household) -> object:
            self.programme(programme).check_period(period)
            return h.assist(
                command,
                programme=programme,
                period=period,
                channel=channel,
                amount=amount,
                paid_on=paid_on,
                reference=reference,
            )

        return self.on_household(household, "assist", command, decide)

    def reverse_assistance(
        self,
        household: UUID,
        command: Command,
        *,
        programme: str,
        period: str,
        reference: str,
        reason: ReversalReason,
    ) -> Outcome:
        return self.on_household(
            household,
            "reverse-assistance",
            command,
            lambda h: h.reverse_assistance(command, programme, period, reference, reason=reason),
        )

    def visit(
        self,
        household: UUID,
        command: Command,
        *,
        purpose: VisitPurpose,
        result: VisitResult,
        note: Sealed | None = None,
    ) -> Outcome:
        return self.on_household(
            household, "visit", command, lambda h: h.visit(command, purpose=purpose, result=result, note=note)
        )

    def discontinue(
        self, household: UUID, command: Command, *, programme: str, reason: DiscontinuationReason
    ) -> Outcome:
        return self.on_household(
            household, "discontinue", command, lambda h: h.discontinue(command, programme, reason=reason)
        )

    def decline_connection(self, household: UUID, command: Command, *, reason: ConnectionDeclinedReason) -> Outcome:
        return self.on_household(
            household, "decline-connection", command, lambda h: h.decline_connection(command, reason=reason)
        )

    def move(self, household: UUID, command: Command, *, region: str, address: Sealed) -> Outcome:
        return self.on_household(household, "move", command, lambda h: h.move(command, region=region, address=address))

    def leave(self, household: UUID, command: Command, *, reason: HouseholdLeftReason) -> Outcome:
        """Its members belong to no household then, and may join another; the family card stays taken."""
        releases: list[Release] = []

        def decide(h: Household) -> object:
            releases[:] = [(household, member) for member, m in h.members.items() if m.left_on is None]
            return h.leave(command, reason=reason)

        return self.on_household(household, "leave", command, decide, releases=releases)
