"""Being in programmes: enrolment, relapse, payments and their reversal, discontinuation."""

from datetime import date, timedelta

import pytest

from domain.codes import Channel, DiscontinuationReason, HouseholdLeftReason, ReversalReason
from domain.errors import Conflict
from domain.household import Household
from tests.domain.given import (
    BEGAN,
    FACILITATOR,
    KEMENSOS,
    OTHER_FACILITATOR,
    REGIONAL,
    TODAY,
    assist,
    command,
    enrol,
    event,
    graduated,
    happened,
    invalid,
    propose,
    raises_unchanged,
    refused,
    registered,
    satisfied,
    settled_down,
)


def discontinue(household: Household, on: date = TODAY, programme: str = "pkh") -> object:
    return household.discontinue(command(on=on), programme, reason=DiscontinuationReason.INELIGIBLE)


def reverse(household: Household, reason: ReversalReason = ReversalReason.NOT_COLLECTED) -> object:
    return household.reverse_assistance(command(), "pkh", "2026-Q1", "r1", reason=reason)


def test_a_household_is_enrolled_under_a_rule_version() -> None:
    household = registered()
    household.enrol(command(), "pkh", relapse=True, rule_version=3, warnings=("decile-above-limit",))
    enrolled = event(household)
    assert (enrolled.TOPIC, enrolled.programme, enrolled.rule_version) == ("household.enrolled.v1", "pkh", 3)
    assert (household.state, enrolled.warnings) == ("enrolled", ("decile-above-limit",))


def test_enrolling_twice_is_success_for_the_same_actor_and_refused_for_another() -> None:
    household = registered()
    enrol(household)
    satisfied(household, lambda: enrol(household))
    refused(household, "already-enrolled", "enrol", lambda: enrol(household, by=REGIONAL))


def test_an_enrolment_repeated_after_the_rules_changed_is_the_same_enrolment() -> None:
    household = registered()
    enrol(household)
    satisfied(household, lambda: household.enrol(command(), "pkh", relapse=True, rule_version=2, warnings=("x",)))


def test_an_enrolment_is_not_recorded_into_the_time_of_an_earlier_one() -> None:
    household = registered("pkh")
    discontinue(household, date(2026, 3, 1))
    refused(household, "already-enrolled", "enrol", lambda: enrol(household, on=date(2026, 2, 1)))
    enrol(household, on=date(2026, 3, 1))
    assert household.is_enrolled("pkh")


def test_two_programmes_stand_beside_each_other() -> None:
    household = registered("pkh")
    enrol(household, "sembako")
    discontinue(household)
    assert (household.is_enrolled("pkh"), household.is_enrolled("sembako")) == (False, True)


def test_a_discontinuation_ends_the_enrolment_and_is_no_graduation() -> None:
    household = registered("pkh")
    discontinue(household)
    assert happened(household) == ["household.discontinued.v1"]
    assert (household.state, household.graduations) == ("registered", {})
    satisfied(household, lambda: discontinue(household))


def test_only_a_programme_that_the_household_is_in_is_discontinued() -> None:
    household = registered("pkh")
    refused(household, "not-enrolled", "discontinue", lambda: discontinue(household, programme="sembako"))
    ended = registered("pkh")
    discontinue(ended)
    again = command(REGIONAL)
    refused(
        ended,
        "not-enrolled",
        "discontinue",
        lambda: ended.discontinue(again, "pkh", reason=DiscontinuationReason.INELIGIBLE),
    )
    late = registered("pkh", since=date(2026, 1, 1))
    refused(late, "not-enrolled", "discontinue", lambda: discontinue(late, date(2025, 12, 31)))


def test_an_enrolment_after_a_graduation_in_a_programme_marked_relapse_is_a_relapse() -> None:
    household, graduation = graduated()
    enrol(household)
    relapse = event(household)
    assert (relapse.TOPIC, relapse.graduation) == ("household.re_enrolled.v1", graduation)
    assert household.graduations[graduation].relapsed
    satisfied(household, lambda: enrol(household))
    refused(household, "already-enrolled", "re-enrol", lambda: enrol(household, by=REGIONAL))


def test_an_enrolment_after_a_graduation_in_another_programme_marked_relapse_is_a_relapse_too() -> None:
    household, graduation = graduated()
    discontinue(household, programme="sembako")
    settled_down(household)
    enrol(household, "sembako")
    assert (event(household).TOPIC, event(household).graduation) == ("household.re_enrolled.v1", graduation)


def test_an_enrolment_after_a_graduation_in_a_programme_not_marked_relapse_is_an_ordinary_one() -> None:
    household, graduation = graduated()
    enrol(household, "pena", relapse=False)
    assert happened(household) == ["household.enrolled.v1"]
    assert not household.graduations[graduation].relapsed


def test_an_enrolment_after_a_revoked_graduation_is_no_relapse() -> None:
    household, graduation = graduated(date(2026, 6, 10), "pkh")
    household.revoke_graduation(command(REGIONAL), graduation, reason="determined_in_error", note=None)
    discontinue(household)
    settled_down(household)
    enrol(household)
    assert happened(household) == ["household.enrolled.v1"]


def test_an_enrolment_recorded_for_a_day_before_the_graduation_is_no_relapse() -> None:
    household, _ = graduated(date(2026, 6, 10))
    enrol(household, "pbi_jk", on=date(2026, 6, 9), relapse=True)
    assert happened(household) == ["household.enrolled.v1"]


def test_a_relapse_names_the_graduation_from_the_same_programme_before_any_other() -> None:
    household = registered("pkh", "sembako")
    first = propose(household, "pkh", on=date(2026, 2, 1))
    household.approve_graduation(command(REGIONAL, date(2026, 2, 1)), first)
    second = propose(household, "sembako", on=date(2026, 4, 1))
    household.approve_graduation(command(REGIONAL, date(2026, 4, 1)), second)
    settled_down(household)
    enrol(household, "pkh")
    assert event(household).graduation == first


def test_a_payment_is_recorded_whole() -> None:
    household = registered("pkh")
    assist(household)
    paid = event(household)
    assert (paid.TOPIC, paid.programme, paid.period, paid.reference) == (
        "household.assisted.v1",
        "pkh",
        "2026-Q1",
        "r1",
    )
    assert (paid.channel, paid.amount, paid.paid_on) == (Channel.KKS, 600_000, TODAY)


@pytest.mark.parametrize("by", [FACILITATOR, OTHER_FACILITATOR, REGIONAL, KEMENSOS])
def test_the_same_payment_from_any_actor_is_success_without_an_event(by: object) -> None:
    household = registered("pkh")
    assist(household)
    satisfied(household, lambda: assist(household, by=by))  # type: ignore[arg-type]


def test_the_same_payment_recorded_on_another_day_is_success_without_an_event() -> None:
    household = registered("pkh")
    assist(household, on=TODAY - timedelta(days=1))
    satisfied(household, lambda: assist(household, on=TODAY, paid_on=TODAY - timedelta(days=1)))


@pytest.mark.parametrize("other", [{"amount": 600_001}, {"paid_on": date(2026, 6, 1)}])
def test_the_same_payment_with_other_content_is_a_conflict(other: dict[str, object]) -> None:
    household = registered("pkh")
    assist(household)
    error = raises_unchanged(Conflict, household, lambda: assist(household, **other))  # type: ignore[arg-type]
    assert error.code == "payment-conflict"


@pytest.mark.parametrize("other", [{"period": "2026-Q2"}, {"reference": "r2"}])
def test_another_period_or_reference_is_another_payment(other: dict[str, str]) -> None:
    household = registered("pkh")
    assist(household)
    assist(household, **other)
    assert happened(household) == ["household.assisted.v1"] * 2


def test_a_payment_needs_enrolment_on_its_day() -> None:
    household = registered("pkh", since=date(2026, 2, 1))
    discontinue(household, date(2026, 5, 31))
    assist(household, on=date(2026, 2, 1), reference="first")
    assist(household, on=date(2026, 5, 31), reference="last")
    for day in (date(2026, 1, 31), date(2026, 6, 1)):
        refused(household, "not-enrolled", "assist", lambda d=day: assist(household, on=d))  # type: ignore[misc]
    refused(household, "not-enrolled", "assist", lambda: assist(household, programme="sembako"))


def test_a_payment_is_reversed_once_and_by_name() -> None:
    household = registered("pkh")
    refused(household, "no-such-payment", "reverse-assistance", lambda: reverse(household))
    assist(household)
    reverse(household)
    assert happened(household)[-1] == "household.assistance_reversed.v1"
    satisfied(household, lambda: reverse(household))
    refused(
        household, "payment-reversed", "reverse-assistance", lambda: reverse(household, ReversalReason.WRONG_AMOUNT)
    )


def test_a_reversed_payment_is_not_recorded_again_under_its_reference() -> None:
    household = registered("pkh")
    assist(household)
    reverse(household)
    refused(household, "payment-reversed", "assist", lambda: assist(household))
    assist(household, reference="r1-again")


def test_a_payment_is_reversed_even_after_the_household_left() -> None:
    household = registered("pkh")
    assist(household)
    household.leave(command(), reason=HouseholdLeftReason.MOVED_ABROAD)
    settled_down(household)
    reverse(household)
    assert happened(household) == ["household.assistance_reversed.v1"]
    refused(household, "household-left", "assist", lambda: assist(household, reference="r2"))
    refused(household, "household-left", "enrol", lambda: enrol(household, "pena", relapse=False))
    refused(household, "household-left", "discontinue", lambda: discontinue(household, on=BEGAN))


def test_nothing_is_paid_before_the_registration() -> None:
    household = registered("pkh")
    early = BEGAN - timedelta(days=1)
    invalid(household, "before-registration", lambda: assist(household, on=BEGAN, paid_on=early))
    assist(household, on=BEGAN, paid_on=BEGAN)
    assert happened(household) == ["household.assisted.v1"]
