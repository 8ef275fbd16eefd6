"""What can have happened on the way to an erasure. Topics and field names are storage promises."""

from typing import ClassVar
from uuid import UUID

from domain.aggregate import Thread
from domain.codes import ErasureReason, ErasureScope
from domain.household_event import HouseholdEvent
from domain.household_state import Erasure, HouseholdState

WHOLE = "household"


def request_of(member: UUID | None) -> Thread:
    return ("erasure-request", WHOLE if member is None else str(member))


class ErasureRequested(HouseholdEvent):
    """Of one member, or of the whole household with all its members."""

    TOPIC = "household.erasure_requested.v1"
    OWN_IDS: ClassVar[frozenset[str]] = frozenset({"erasure"})
    DERIVED: ClassVar[frozenset[str]] = frozenset({"scope"})
    erasure: UUID
    scope: ErasureScope
    reason: ErasureReason
    member: UUID | None = None

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.erasures[self.erasure] = Erasure(self.member, self.by)

    def threads(self) -> tuple[Thread, ...]:
        return (request_of(self.member),)


class ErasureWithdrawn(HouseholdEvent):
    TOPIC = "household.erasure_withdrawn.v1"
    DERIVED: ClassVar[frozenset[str]] = frozenset({"scope", "member"})
    erasure: UUID
    scope: ErasureScope
    member: UUID | None = None

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.erasures[self.erasure].open = False

    def threads(self) -> tuple[Thread, ...]:
        return (request_of(self.member),)


class PersonalDataErased(HouseholdEvent):
    """The keys named are to be destroyed; what they sealed can never be opened again. They are the ids of members, and
    of the household where nobody's data is left in it; every request for one of them is settled by that."""

    TOPIC = "household.personal_data_erased.v1"
    scope: ErasureScope
    keys: tuple[UUID, ...]

    def evolve(self, aggregate: HouseholdState) -> None:
        aggregate.erased = sorted({*aggregate.erased, *self.keys})
        for erasure in aggregate.erasures.values():
            whole = erasure.member is None
            if erasure.open and (aggregate.all_erased if whole else erasure.member in self.keys):
                erasure.open, erasure.keys = False, self.keys

    def threads(self) -> tuple[Thread, ...]:
        return (("erasure", *sorted(map(str, self.keys))), *(request_of(key) for key in self.keys), request_of(None))
