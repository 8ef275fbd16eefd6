"""The verbs of erasing personal data: requested by one, confirmed by another."""

from uuid import UUID

from domain.codes import ErasureReason
from domain.deciding import Release
from domain.directory_lookup import DirectoryLookup
from domain.household import Household
from domain.values import Command, Outcome


class ErasureCommands(DirectoryLookup):
    def request_erasure(
        self, household: UUID, command: Command, erasure: UUID, *, member: UUID | None, reason: ErasureReason
    ) -> Outcome:
        """Of one member, or where that is None of the whole household. An erasure requested before keeps its id."""
        ids = {"erasure_id": str(erasure)}

        def decide(h: Household) -> None:
            event = h.request_erasure(command, erasure, member=member, reason=reason)
            ids["erasure_id"] = str(vars(event)["erasure"])

        return self.on_household(household, "request-erasure", command, decide, ids=ids)

    def withdraw_erasure(self, household: UUID, command: Command, erasure: UUID) -> Outcome:
        return self.on_household(
            household,
            "withdraw-erasure",
            command,
            lambda h: h.withdraw_erasure(command, erasure),
            ids={"erasure_id": str(erasure)},
        )

    def confirm_erasure(self, household: UUID, command: Command, erasure: UUID) -> Outcome:
        """Gives up the look-up rows of what is erased in the same append; the keys are destroyed after it."""
        releases: list[Release] = []

        def decide(h: Household) -> None:
            h.confirm_erasure(command, erasure)
            releases[:] = [(household, None if key == household else key) for key in h.keys_of(erasure)]

        ids = {"erasure_id": str(erasure)}
        return self.on_household(household, "confirm-erasure", command, decide, ids=ids, releases=releases)
