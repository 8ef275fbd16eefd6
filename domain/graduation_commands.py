"""The verbs of leaving assistance: propose, return, reject, withdraw, verify, approve, revoke."""

from uuid import UUID

from domain.codes import Evidence, GraduationKind, RejectionReason, ReturnReason, RevocationReason
from domain.directory_lookup import DirectoryLookup
from domain.errors import Invalid
from domain.household import Household
from domain.values import Command, Outcome, Sealed


class GraduationCommands(DirectoryLookup):
    def propose_graduation(
        self,
        household: UUID,
        command: Command,
        graduation: UUID,
        *,
        kind: GraduationKind,
        programmes: tuple[str, ...],
        evidence: tuple[Evidence, ...],
        own_request: bool = False,
        note: Sealed | None = None,
    ) -> Outcome:
        """`graduation` is the id for a new proposal; the outcome names the one that holds."""
        if not programmes:
            raise Invalid("no-programmes", "A graduation leaves at least one programme.", "programmes")
        ids: dict[str, str] = {}

        def decide(h: Household) -> object:
            left = [self.programme(code) for code in programmes]
            for programme in left:
                programme.check_graduable()
            event = h.propose_graduation(
                command,
                graduation,
                kind=kind,
                programmes=tuple(sorted(set(programmes))),
                evidence=tuple(sorted(set(evidence))),
                own_request=own_request,
                steps=max(p.terms.steps for p in left),
                note=note,
            )
            ids["graduation_id"] = str(vars(event)["graduation"])
            return event

        return self.on_household(household, "propose-graduation", command, decide, ids=ids)

    def return_graduation(
        self, household: UUID, command: Command, graduation: UUID, *, reason: ReturnReason, note: Sealed | None = None
    ) -> Outcome:
        return self.on_household(
            household,
            "return-graduation",
            command,
            lambda h: h.return_graduation(command, graduation, reason=reason, note=note),
            ids=named(graduation),
        )

    def reject_graduation(
        self,
        household: UUID,
        command: Command,
        graduation: UUID,
        *,
        reason: RejectionReason,
        note: Sealed | None = None,
    ) -> Outcome:
        return self.on_household(
            household,
            "reject-graduation",
            command,
            lambda h: h.reject_graduation(command, graduation, reason=reason, note=note),
            ids=named(graduation),
        )

    def withdraw_graduation(self, household: UUID, command: Command, graduation: UUID) -> Outcome:
        return self.on_household(
            household,
            "withdraw-graduation",
            command,
            lambda h: h.withdraw_graduation(command, graduation),
            ids=named(graduation),
        )

    def verify_graduation(self, household: UUID, command: Command, graduation: UUID) -> Outcome:
        return self.on_household(
            household,
            "verify-graduation",
            command,
            lambda h: h.verify_graduation(command, graduation),
            ids=named(graduation),
        )

    def approve_graduation(self, household: UUID, command: Command, graduation: UUID) -> Outcome:
        return self.on_household(
            household,
            "approve-graduation",
            command,
            lambda h: h.approve_graduation(command, graduation),
            ids=named(graduation),
        )

    def revoke_graduation(
        self,
        household: UUID,
        command: Command,
        graduation: UUID,
        *,
        reason: RevocationReason,
        note: Sealed | None = None,
    ) -> Outcome:
        return self.on_household(
            household,
            "revoke-graduation",
            command,
            lambda h: h.revoke_graduation(command, graduation, reason=reason, note=note),
            ids=named(graduation),
        )


def named(graduation: UUID) -> dict[str, str]:
    return {"graduation_id": str(graduation)}
