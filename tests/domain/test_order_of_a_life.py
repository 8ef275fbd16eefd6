"""The order of a household's life: nothing about a member, a payment or a residence before it was there."""

from datetime import date

from domain.codes import (
    Channel,
    HouseholdLeftReason,
    MemberLeftReason,
    PasClass,
    ReversalReason,
)
from tests.domain.given import (
    BEGAN,
    REGIONAL,
    VILLAGE,
    command,
    event,
    invalid,
    member,
    proposed,
    refused,
    registered,
    sealed,
    settled_down,
)

MARCH, APRIL = date(2026, 3, 2), date(2026, 4, 1)


def test_a_member_does_not_leave_before_joining() -> None:
    household, new = registered(), member("late")
    household.add_member(command(on=APRIL), new)
    reason = MemberLeftReason.MARRIED
    invalid(household, "before-joining", lambda: household.remove_member(command(on=MARCH), new.id, reason=reason))


def test_a_member_is_not_assessed_before_joining() -> None:
    household, new = registered(), member("late")
    household.add_member(command(on=APRIL), new)
    content = {"details": sealed(), "pas_class": PasClass.GENERAL}
    invalid(household, "before-joining", lambda: household.assess_member(command(on=MARCH), new.id, **content))


def test_a_payment_is_not_reversed_before_it_was_made() -> None:
    household = registered("pkh")
    paid = {"programme": "pkh", "period": "2026-Q2", "channel": Channel.KKS, "amount": 225_000, "reference": "R1"}
    household.assist(command(on=APRIL), paid_on=APRIL, **paid)
    reason = ReversalReason.DUPLICATE
    invalid(
        household,
        "before-payment",
        lambda: household.reverse_assistance(command(on=MARCH), "pkh", "2026-Q2", "R1", reason=reason),
    )


def test_a_move_is_not_dated_before_the_move_before_it() -> None:
    household = registered()
    household.move(command(on=APRIL), region="33.24.04.2005", address=sealed("new"))
    invalid(household, "before-move", lambda: household.move(command(on=MARCH), region=VILLAGE, address=sealed("old")))


def test_a_graduation_counts_for_the_region_of_its_day() -> None:
    household, graduation = proposed(on=MARCH)
    household.move(command(on=date(2026, 5, 4)), region="33.24.04.2005", address=sealed("new"))
    settled_down(household)
    household.approve_graduation(command(REGIONAL, APRIL), graduation)
    assert event(household).region == VILLAGE


def test_a_proposal_ends_with_the_departure_of_the_household() -> None:
    household, graduation = proposed(on=MARCH)
    household.leave(command(), reason=HouseholdLeftReason.OWN_REQUEST)
    assert household.state == "left"
    refused(
        household,
        "household-left",
        "approve-graduation",
        lambda: household.approve_graduation(command(REGIONAL), graduation),
    )


def test_a_household_lives_since_its_registration_where_it_was_registered() -> None:
    assert registered().region_on(BEGAN) == VILLAGE
