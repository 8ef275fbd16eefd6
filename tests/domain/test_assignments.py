"""Who looks after a household: the first lead at once, a hand-over the day after, helpers beside."""

from datetime import date, timedelta
from uuid import UUID

from domain.codes import AssignmentRole, HouseholdLeftReason
from domain.household import Household
from domain.values import Actor
from tests.domain.given import (
    BEGAN,
    BUDI,
    FACILITATOR,
    HEAD,
    REGIONAL,
    SITI,
    TODAY,
    VILLAGE,
    command,
    event,
    happened,
    invalid,
    refused,
    registered,
    satisfied,
    sealed,
    settled_down,
)

DEWI = UUID(int=0xDE31)
TOMORROW = TODAY + timedelta(days=1)


def unassigned() -> Household:
    household = Household.register(
        command(on=BEGAN), UUID(int=9), region=VILLAGE, kk=sealed("kk"), address=sealed(), members=(HEAD,)
    )
    return settled_down(household)  # type: ignore[no-any-return]


def lead(household: Household, who: UUID, on: date = TODAY, by: Actor = FACILITATOR) -> object:
    return household.assign(command(by, on), who, AssignmentRole.LEAD)


def test_a_first_lead_takes_effect_on_its_day() -> None:
    household = unassigned()
    lead(household, BUDI)
    assert (event(household).TOPIC, event(household).effective) == ("household.assigned.v1", TODAY)
    assert (household.lead_on(TODAY - timedelta(days=1)), household.lead_on(TODAY)) == (None, BUDI)


def test_a_hand_over_takes_effect_the_day_after() -> None:
    household = registered()
    lead(household, SITI)
    assert event(household).effective == TOMORROW
    assert (household.lead_on(TODAY), household.lead_on(TOMORROW)) == (BUDI, SITI)
    assert household.facilitators_on(TOMORROW) == {SITI}


def test_two_hand_overs_on_one_day_leave_the_last_one_in_office() -> None:
    household = registered()
    lead(household, SITI)
    lead(household, DEWI)
    assert (household.lead_on(TODAY), household.lead_on(TOMORROW)) == (BUDI, DEWI)


def test_a_hand_over_is_not_recorded_into_the_time_of_a_later_one() -> None:
    household = registered()
    lead(household, SITI, date(2026, 6, 20))
    invalid(household, "before-assignment", lambda: lead(household, DEWI, date(2026, 6, 19)))
    lead(household, DEWI, date(2026, 6, 20))
    assert household.lead_on(date(2026, 6, 21)) == DEWI


def test_the_same_assignment_again_is_no_event() -> None:
    household = unassigned()
    lead(household, BUDI)
    satisfied(household, lambda: lead(household, BUDI))
    lead(household, SITI)
    satisfied(household, lambda: lead(household, SITI))
    assert happened(household) == ["household.assigned.v1"] * 2


def test_the_same_assignment_by_another_actor_changes_nothing_in_force() -> None:
    household = unassigned()
    lead(household, BUDI)
    lead(household, BUDI, by=REGIONAL)
    assert [household.lead_on(day) for day in (TODAY, TOMORROW)] == [BUDI, BUDI]


def test_helpers_stand_beside_the_lead_from_their_day_on() -> None:
    household = registered()
    household.assign(command(), SITI, AssignmentRole.HELPER)
    household.assign(command(), DEWI, AssignmentRole.HELPER)
    satisfied(household, lambda: household.assign(command(), SITI, AssignmentRole.HELPER))
    assert household.facilitators_on(TODAY) == {BUDI, SITI, DEWI}
    assert household.lead_on(TODAY) == BUDI
    lead(household, DEWI)
    assert household.facilitators_on(TOMORROW) == {SITI, DEWI}


def test_nobody_is_assigned_to_a_household_that_left() -> None:
    household = registered()
    household.leave(command(), reason=HouseholdLeftReason.MERGED)
    settled_down(household)
    refused(household, "household-left", "assign", lambda: lead(household, SITI))
