"""How a household leaves assistance: proposed, returned, rejected, withdrawn, verified, determined, revoked."""

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain import graduation_events as events
from domain.aggregate import RecordedEvent, Thread
from domain.codes import Evidence, GraduationKind
from domain.errors import Invalid
from domain.household_state import HouseholdState, Stage
from domain.household_table import Subject
from domain.values import Command, Sealed


class GraduationDecisions(HouseholdState):
    """The decisions of a household on its graduations."""

    if TYPE_CHECKING:
        latest: MutableMapping[Thread, RecordedEvent]

        def _decide(
            self,
            action: str,
            event_class: type[RecordedEvent],
            command: Command,
            subject: Subject,
            **content: Any,
        ) -> RecordedEvent: ...

    def propose_graduation(
        self,
        command: Command,
        graduation: UUID,
        *,
        kind: GraduationKind,
        programmes: tuple[str, ...],
        evidence: tuple[Evidence, ...],
        own_request: bool,
        steps: int,
        note: Sealed | None,
    ) -> RecordedEvent:
        """A returned proposal that its proposer makes again keeps its id."""
        if not evidence:
            raise Invalid("no-evidence", "A graduation is proposed on evidence.", "evidence")
        if own_request and Evidence.HOUSEHOLD_STATEMENT not in evidence:
            raise Invalid("statement-missing", "An own request needs the household's own statement.", "evidence")
        if self.proposal is not None:
            graduation = self.proposal.graduation
            if self.proposal.stage is Stage.RETURNED:
                self._check_order(command)
        return self._decide(
            "propose-graduation",
            events.GraduationProposed,
            command,
            Subject(programmes=programmes),
            graduation=graduation,
            kind=kind,
            programmes=programmes,
            evidence=evidence,
            own_request=own_request,
            steps=steps,
            note=note,
        )

    def return_graduation(self, command: Command, graduation: UUID, **content: Any) -> RecordedEvent:
        return self._answer("return-graduation", events.GraduationReturned, command, graduation, **content)

    def reject_graduation(self, command: Command, graduation: UUID, **content: Any) -> RecordedEvent:
        return self._answer("reject-graduation", events.GraduationRejected, command, graduation, **content)

    def withdraw_graduation(self, command: Command, graduation: UUID) -> RecordedEvent:
        return self._answer("withdraw-graduation", events.GraduationWithdrawn, command, graduation)

    def verify_graduation(self, command: Command, graduation: UUID) -> RecordedEvent:
        return self._answer("verify-graduation", events.GraduationVerified, command, graduation)

    def approve_graduation(self, command: Command, graduation: UUID) -> RecordedEvent:
        """Determines the graduation; counts for the lead facilitator and the region of that day."""
        proposal = self.proposal
        known = self.graduations.get(graduation)
        if proposal is not None and proposal.graduation == graduation:
            kind, programmes = proposal.kind, proposal.programmes
        elif known is not None:
            kind, programmes = known.kind, known.programmes
        else:
            kind, programmes = GraduationKind.NATURAL, ()
        return self._answer(
            "approve-graduation",
            events.Graduated,
            command,
            graduation,
            kind=kind,
            programmes=programmes,
            facilitator=self.lead_on(command.on),
            region=self.region_on(command.on),
        )

    def revoke_graduation(self, command: Command, graduation: UUID, **content: Any) -> RecordedEvent:
        if graduation in self.graduations and command.on < self.graduations[graduation].on:
            raise Invalid("before-graduation", "A revocation is not before its graduation.", "on")
        subject = Subject(graduation=graduation)
        return self._decide(
            "revoke-graduation", events.GraduationRevoked, command, subject, graduation=graduation, **content
        )

    def _answer(
        self, action: str, event_class: type[RecordedEvent], command: Command, graduation: UUID, **content: Any
    ) -> RecordedEvent:
        proposal = self.proposal
        if proposal is not None and proposal.graduation == graduation:
            self._check_order(command)
        programmes = proposal.programmes if proposal is not None else ()
        subject = Subject(programmes=programmes, graduation=graduation)
        return self._decide(action, event_class, command, subject, graduation=graduation, **content)

    def _check_order(self, command: Command) -> None:
        """No step of an open proposal is before the one that it answers."""
        last = self.latest[("proposal",)]
        if self.proposal is not None and command.on < last.on:
            raise Invalid("before-proposal", f"The graduation is {self.proposal.stage} since {last.on}.", "on")
