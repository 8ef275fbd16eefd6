"""The verbs of referrals, for senders, agencies and the clock."""

from datetime import date
from uuid import UUID

from domain.codes import Information, LegalBasis, ReferralOutcome, ReferralReason
from domain.deciding import check_role, check_version
from domain.directory_lookup import DirectoryLookup
from domain.errors import Conflict, Invalid, NotFound
from domain.household import Household
from domain.household_table import TABLE as HOUSEHOLD_TABLE
from domain.referral import Referral, check_rule
from domain.referral_table import TABLE as REFERRAL_TABLE
from domain.referral_table import UNSUCCESSFUL, State
from domain.service import Service
from domain.transitions import SENDERS, Action
from domain.values import Command, Deadline, Outcome, Sealed


class ReferralCommands(DirectoryLookup):
    def referral_actions(self, referral: UUID, command: Command) -> list[Action]:
        return self.visible_referral(referral, command).actions(command.actor)

    def send_referral(
        self,
        household: UUID,
        command: Command,
        referral: UUID,
        *,
        service: UUID,
        need: Sealed,
        legal_basis: LegalBasis,
        respond_by: Deadline,
        expires_on: date,
        member: UUID | None = None,
        basis_reference: Sealed | None = None,
        legal_rule: str | None = None,
        previous: UUID | None = None,
    ) -> Outcome:
        """Stores `household.referred` and `referral.sent` as one; an unsuccessful `previous` is redirected with them.

        `If-Match` speaks of the household.
        """
        check_role(command.actor, "refer", HOUSEHOLD_TABLE["refer"].by)

        def attempt() -> Outcome:
            found = self.visible_household(household, command)
            check_version(found, command)
            earlier = self._previous(previous, household)
            sent = self._send(
                command,
                found,
                referral,
                service=service,
                member=member,
                previous=previous,
                respond_by=respond_by,
                expires_on=expires_on,
                need=need,
                legal_basis=legal_basis,
                basis_reference=basis_reference,
                legal_rule=legal_rule,
            )
            redirected = []
            if earlier is not None and earlier.state in UNSUCCESSFUL:
                earlier.redirect(command, referral)
                redirected = [earlier]
            ids = {"id": str(household), "referral_id": str(referral)}
            return self.store(command, found, sent, *redirected, ids=ids)

        return self.persist(attempt, command, "household", household)

    def redirect(
        self,
        referral: UUID,
        command: Command,
        to: UUID,
        *,
        service: UUID,
        need: Sealed,
        legal_basis: LegalBasis,
        respond_by: Deadline,
        expires_on: date,
        basis_reference: Sealed | None = None,
        legal_rule: str | None = None,
        member: UUID | None = None,
    ) -> Outcome:
        """Ends an unsuccessful referral by a new one to another service; the three events are one append.

        Asked again by the same actor for the same day and service, it answers with the new referral made before.

        `If-Match` speaks of the referral. `need` and `basis_reference` are sealed for the new referral's stream.
        """

        check_role(command.actor, "redirect", REFERRAL_TABLE["redirect"].by)

        def attempt() -> Outcome:
            found = self.visible_referral(referral, command)
            check_version(found, command)
            repeated = found.redirected_before(command)
            if repeated is not None and self.load(Referral, repeated).service == service:
                return self.store(command, found, ids={"id": str(referral), "referral_id": str(repeated)})
            household = self.load(Household, found.household)
            found.redirect(command, to)
            sent = self._send(
                command,
                household,
                to,
                service=service,
                member=member,
                previous=referral,
                respond_by=respond_by,
                expires_on=expires_on,
                need=need,
                legal_basis=legal_basis,
                basis_reference=basis_reference,
                legal_rule=legal_rule,
            )
            ids = {"id": str(referral), "referral_id": str(to)}
            return self.store(command, found, household, sent, ids=ids)

        return self.persist(attempt, command, "referral", referral)

    def record_basis(
        self,
        referral: UUID,
        command: Command,
        *,
        legal_basis: LegalBasis,
        basis_reference: Sealed | None = None,
        legal_rule: str | None = None,
    ) -> Outcome:
        """The ground on which an open referral tells its agency of the family; the latest holds."""
        return self.on_referral(
            referral,
            "record-basis",
            command,
            lambda r: r.record_basis(
                command, legal_basis=legal_basis, basis_reference=basis_reference, legal_rule=legal_rule
            ),
            by=SENDERS,
        )

    def withdraw_basis(self, referral: UUID, command: Command) -> Outcome:
        """From then on the agency is told nothing of the family, until a basis is recorded anew."""
        return self.on_referral(referral, "withdraw-basis", command, lambda r: r.withdraw_basis(command), by=SENDERS)

    def receive(self, referral: UUID, command: Command) -> Outcome:
        return self.on_referral(referral, "received", command, lambda r: r.receive(command))

    def request_information(
        self, referral: UUID, command: Command, *, information: tuple[Information, ...], note: Sealed | None = None
    ) -> Outcome:
        ordered = tuple(sorted(set(information)))
        return self.on_referral(
            referral,
            "request-information",
            command,
            lambda r: r.request_information(command, information=ordered, note=note),
        )

    def supply_information(
        self, referral: UUID, command: Command, *, deadline: Deadline, note: Sealed | None = None
    ) -> Outcome:
        return self.on_referral(
            referral,
            "supply-information",
            command,
            lambda r: r.supply_information(command, deadline=deadline, note=note),
        )

    def accept(self, referral: UUID, command: Command, *, next_by: Deadline) -> Outcome:
        return self.on_referral(referral, "accept", command, lambda r: r.accept(command, next_by=next_by))

    def decline(
        self, referral: UUID, command: Command, *, reason: ReferralReason, note: Sealed | None = None
    ) -> Outcome:
        return self.on_referral(referral, "decline", command, lambda r: r.decline(command, reason=reason, note=note))

    def schedule(self, referral: UUID, command: Command, *, appointment: date, next_by: Deadline) -> Outcome:
        return self.on_referral(
            referral, "schedule", command, lambda r: r.schedule(command, appointment=appointment, next_by=next_by)
        )

    def attend(self, referral: UUID, command: Command, *, next_by: Deadline) -> Outcome:
        return self.on_referral(referral, "attend", command, lambda r: r.attend(command, next_by=next_by))

    def miss(self, referral: UUID, command: Command, *, next_by: Deadline) -> Outcome:
        return self.on_referral(referral, "miss", command, lambda r: r.miss(command, next_by=next_by))

    def start(self, referral: UUID, command: Command, *, next_by: Deadline) -> Outcome:
        return self.on_referral(referral, "start", command, lambda r: r.start(command, next_by=next_by))

    def complete(
        self,
        referral: UUID,
        command: Command,
        *,
        outcome: ReferralOutcome,
        amount: int | None = None,
        note: Sealed | None = None,
    ) -> Outcome:
        return self.on_referral(
            referral, "complete", command, lambda r: r.complete(command, outcome=outcome, amount=amount, note=note)
        )

    def fail(self, referral: UUID, command: Command, *, reason: ReferralReason, note: Sealed | None = None) -> Outcome:
        return self.on_referral(referral, "fail", command, lambda r: r.fail(command, reason=reason, note=note))

    def cancel(
        self,
        referral: UUID,
        command: Command,
        *,
        reason: ReferralReason,
        cancel_by: Deadline,
        note: Sealed | None = None,
    ) -> Outcome:
        return self.on_referral(
            referral,
            "cancel",
            command,
            lambda r: r.cancel(command, reason=reason, note=note, cancel_by=cancel_by),
        )

    def confirm_cancellation(self, referral: UUID, command: Command) -> Outcome:
        return self.on_referral(referral, "confirm-cancellation", command, lambda r: r.confirm_cancellation(command))

    def refuse_cancellation(self, referral: UUID, command: Command) -> Outcome:
        return self.on_referral(referral, "refuse-cancellation", command, lambda r: r.refuse_cancellation(command))

    def settle(
        self, referral: UUID, command: Command, *, reason: ReferralReason, note: Sealed | None = None
    ) -> Outcome:
        return self.on_referral(referral, "settle", command, lambda r: r.settle(command, reason=reason, note=note))

    def pass_deadline(self, referral: UUID, command: Command) -> Outcome:
        """The clock's verb: records one deadline passed by `command.on`; satisfied where there is none to record."""
        return self.on_referral(referral, "expire", command, lambda r: r.pass_deadline(command))

    def _send(
        self,
        command: Command,
        household: Household,
        referral: UUID,
        *,
        service: UUID,
        member: UUID | None,
        previous: UUID | None,
        respond_by: Deadline,
        expires_on: date,
        need: Sealed,
        legal_basis: LegalBasis,
        basis_reference: Sealed | None,
        legal_rule: str | None,
    ) -> Referral:
        """Decides both sides of a new referral: the household is referred, and the referral sent."""
        check_rule(legal_basis, legal_rule)
        offered = self.named(Service, service)
        offered.check_accepts(household.region)
        household.refer(command, referral=referral, agency=offered.agency, service=service, member=member)
        sent = Referral.send(
            command,
            referral,
            household=household.id,
            agency=offered.agency,
            service=service,
            region=household.region,
            member=member,
            previous=previous,
            respond_by=respond_by.date,
            expires_on=expires_on,
            calendar=respond_by.calendar,
            warnings=offered.doubts(household.decile, household.has_graduated),
            need=need,
            legal_basis=legal_basis,
            basis_reference=basis_reference,
        )
        if legal_rule is not None:
            sent.record_basis(command, legal_basis=legal_basis, basis_reference=basis_reference, legal_rule=legal_rule)
        return sent

    def _previous(self, previous: UUID | None, household: UUID) -> Referral | None:
        if previous is None:
            return None
        unknown = Invalid("unknown-referral", "There is no such referral of this household.", "previous")
        try:
            found = self.load(Referral, previous)
        except NotFound:
            raise unknown from None
        if found.household != household:
            raise unknown
        if found.state not in (*UNSUCCESSFUL, State.COMPLETED):
            raise Conflict(
                "previous-open", f"The previous referral is {found.state}; it has not ended without success."
            )
        return found
