"""A referral from sending to outcome: contents, deadlines of the clock, and what a repeated command comes to."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.codes import HouseholdLeftReason, ReferralOutcome, ReferralReason
from domain.referral import Referral
from domain.referral_table import State
from tests.domain.given import (
    AGENCY,
    AGENCY_ID,
    CLOCK,
    EXPIRES_ON,
    FACILITATOR,
    HEAD,
    KEMENSOS,
    PATHS,
    REFERRAL_STEPS,
    RESPOND_BY,
    SENT_ON,
    SERVICE_ID,
    SYSTEM,
    TODAY,
    command,
    deadline,
    event,
    happened,
    invalid,
    member,
    referral_in,
    refused,
    registered,
    satisfied,
    sealed,
    sent,
    settled_down,
)

PASSED = date(2026, 12, 2)
"""The day after `given.deadline()`."""


def clock_on(referral: Referral, day: date) -> list[str]:
    """The topics of what the clock writes on a day, asked until nothing is due."""
    settled_down(referral)
    while referral.due(day):
        referral.pass_deadline(command(CLOCK, day, today=day))
    assert referral.pass_deadline(command(CLOCK, day, today=day)) is None
    return happened(referral)


def test_sending_freezes_the_deadlines_and_names_household_agency_and_service() -> None:
    referral = sent()
    assert (referral.state, referral.since) == (State.SENT, SENT_ON)
    assert (referral.household, referral.agency, referral.service) == (UUID(int=0x17), AGENCY_ID, SERVICE_ID)
    assert (referral.respond_by, referral.expires_on) == (RESPOND_BY, EXPIRES_ON)


def test_the_household_records_that_it_was_referred() -> None:
    household = registered()
    household.refer(command(), referral=UUID(int=5), agency=AGENCY_ID, service=SERVICE_ID, member=HEAD.id)
    referred = event(household)
    assert (referred.TOPIC, referred.referral, referred.member) == ("household.referred.v1", UUID(int=5), HEAD.id)


def test_only_a_current_member_of_a_present_household_is_referred() -> None:
    household = registered()
    identities = {"referral": UUID(int=5), "agency": AGENCY_ID, "service": SERVICE_ID}
    stranger = member("stranger").id
    invalid(household, "member-not-current", lambda: household.refer(command(), **identities, member=stranger))
    household.leave(command(), reason=HouseholdLeftReason.MERGED)
    settled_down(household)
    refused(household, "household-left", "refer", lambda: household.refer(command(), **identities, member=None))


@pytest.mark.parametrize("action", REFERRAL_STEPS)
def test_each_step_asked_for_twice_by_the_same_actor_is_taken_once(action: str) -> None:
    by, step = REFERRAL_STEPS[action]
    source = next(s for s in PATHS if action in {a.action for a in referral_in(s).actions(by)})
    late = date(2026, 7, 12)
    referral = referral_in(source)
    step(referral, command(by, late, today=late))
    settled_down(referral)
    satisfied(referral, lambda: step(referral, command(by, late, today=late)))


def test_a_step_repeated_with_a_deadline_that_is_counted_otherwise_by_now_is_the_same_step() -> None:
    referral = sent()
    referral.accept(command(AGENCY), next_by=deadline(date(2026, 12, 1)))
    satisfied(referral, lambda: referral.accept(command(AGENCY), next_by=deadline(date(2026, 12, 3))))


def test_a_step_repeated_by_another_actor_is_refused() -> None:
    referral = sent()
    referral.accept(command(AGENCY), next_by=deadline())
    refused(referral, "illegal-transition", "accept", lambda: referral.accept(command(SYSTEM), next_by=deadline()))


def test_a_decision_repeated_after_the_clock_marked_it_overdue_is_the_same_decision() -> None:
    referral = sent()
    referral.request_information(command(AGENCY), information=("consent_letter",), note=None)  # type: ignore[arg-type]
    assert clock_on(referral, TODAY) == ["referral.response_overdue.v1"]
    satisfied(
        referral,
        lambda: referral.request_information(command(AGENCY), information=("consent_letter",), note=None),  # type: ignore[arg-type]
    )


def test_an_appointment_is_moved_by_scheduling_again() -> None:
    referral = referral_in(State.SCHEDULED)
    moved_to = date(2026, 8, 3)
    referral.schedule(command(AGENCY), appointment=moved_to, next_by=deadline())
    assert (event(referral).TOPIC, event(referral).appointment) == ("referral.scheduled.v1", moved_to)


def test_information_is_asked_for_by_code() -> None:
    referral = sent()
    invalid(
        referral,
        "no-information",
        lambda: referral.request_information(command(AGENCY), information=(), note=None),
    )


def test_supplied_information_gives_the_agency_a_new_date_to_answer_by() -> None:
    referral = referral_in(State.WAITING)
    referral.supply_information(command(), deadline=deadline(date(2026, 7, 5)), note=sealed("letter"))
    assert (referral.state, referral.respond_by, referral.expires_on) == (
        State.RECEIVED, date(2026, 7, 5), EXPIRES_ON
    )  # fmt: skip


@pytest.mark.parametrize(("action", "state"), [("decline", State.SENT), ("fail", State.ACCEPTED)])
def test_the_reason_other_needs_a_note(action: str, state: State) -> None:
    referral = referral_in(state)
    decide = getattr(referral, action)
    invalid(referral, "note-missing", lambda: decide(command(AGENCY), reason=ReferralReason.OTHER, note=None))
    decide(command(AGENCY), reason=ReferralReason.OTHER, note=sealed("why"))


def test_settling_and_cancelling_for_another_reason_need_a_note_too() -> None:
    declined, fresh = referral_in(State.DECLINED), sent()
    invalid(declined, "note-missing", lambda: declined.settle(command(), reason=ReferralReason.OTHER, note=None))
    invalid(
        fresh,
        "note-missing",
        lambda: fresh.cancel(command(), reason=ReferralReason.OTHER, note=None, cancel_by=deadline()),
    )


@pytest.mark.parametrize("amount", [None, 0, -1])
def test_disbursed_capital_has_an_amount(amount: int | None) -> None:
    referral = referral_in(State.IN_SERVICE)
    outcome = ReferralOutcome.CAPITAL_DISBURSED
    invalid(
        referral,
        "amount-missing",
        lambda: referral.complete(command(AGENCY), outcome=outcome, amount=amount, note=None),
    )
    referral.complete(command(AGENCY), outcome=outcome, amount=5_000_000, note=None)
    assert event(referral).amount == 5_000_000


@pytest.mark.parametrize("before", [State.SENT, State.RECEIVED, State.WAITING, State.ACCEPTED, State.SCHEDULED])
def test_a_refused_cancellation_leads_back_to_the_state_before(before: State) -> None:
    referral = referral_in(before)
    cancel = REFERRAL_STEPS["cancel"][1]
    cancel(referral, command())
    assert (referral.state, event(referral).before) == (State.CANCELLING, before)
    settled_down(referral)
    referral.refuse_cancellation(command(AGENCY))
    assert (referral.state, event(referral).back_to) == (before, before)


def test_a_redirect_asked_for_again_is_told_where_it_went() -> None:
    referral = referral_in(State.DECLINED)
    referral.redirect(command(), UUID(int=0xF0))
    assert referral.redirected_before(command()) == UUID(int=0xF0)
    assert referral.redirected_before(command(KEMENSOS)) is None
    assert referral.redirected_before(command(on=TODAY - timedelta(days=1))) is None
    refused(referral, "illegal-transition", "redirect", lambda: referral.redirect(command(), UUID(int=0xF1)))


@pytest.mark.parametrize("state", [State.SENT, State.RECEIVED, State.WAITING])
def test_an_answer_is_overdue_the_day_after_its_deadline_and_marked_once(state: State) -> None:
    referral = referral_in(state)
    assert clock_on(referral, RESPOND_BY) == []
    assert clock_on(referral, RESPOND_BY + timedelta(days=1)) == ["referral.response_overdue.v1"]
    assert clock_on(referral, EXPIRES_ON) == []
    assert referral.state is state


def test_each_new_deadline_to_answer_may_be_overdue_once() -> None:
    referral = referral_in(State.WAITING)
    assert clock_on(referral, date(2026, 6, 11)) == ["referral.response_overdue.v1"]
    referral.supply_information(command(), deadline=deadline(date(2026, 7, 5)), note=None)
    assert clock_on(referral, date(2026, 7, 5)) == []
    assert clock_on(referral, date(2026, 7, 6)) == ["referral.response_overdue.v1"]


@pytest.mark.parametrize("state", [State.SENT, State.RECEIVED, State.WAITING])
def test_an_unanswered_referral_expires_the_day_after_its_last_day(state: State) -> None:
    referral = referral_in(state)
    clock_on(referral, EXPIRES_ON)
    assert clock_on(referral, EXPIRES_ON + timedelta(days=1)) == ["referral.expired.v1"]
    assert referral.state is State.EXPIRED


def test_a_clock_that_comes_late_records_the_overdue_answer_before_the_expiry() -> None:
    referral = referral_in(State.SENT)
    late = EXPIRES_ON + timedelta(days=1)
    assert clock_on(referral, late) == ["referral.response_overdue.v1", "referral.expired.v1"]


@pytest.mark.parametrize("state", [State.ACCEPTED, State.SCHEDULED, State.IN_SERVICE])
def test_progress_is_overdue_once_for_each_state_entered(state: State) -> None:
    referral = referral_in(state)
    assert clock_on(referral, deadline().date) == []
    assert clock_on(referral, PASSED) == ["referral.progress_overdue.v1"]
    assert clock_on(referral, PASSED + timedelta(days=30)) == []
    assert referral.state is state


def test_a_state_entered_anew_may_be_overdue_anew() -> None:
    referral = referral_in(State.ACCEPTED)
    clock_on(referral, PASSED)
    later = command(AGENCY, PASSED, today=PASSED)
    referral.schedule(later, appointment=PASSED, next_by=deadline(date(2026, 12, 9)))
    assert clock_on(referral, date(2026, 12, 10)) == ["referral.progress_overdue.v1"]


def test_a_cancellation_that_nobody_answers_is_carried_out_by_the_clock() -> None:
    referral = referral_in(State.CANCELLING)
    assert clock_on(referral, date(2026, 6, 20)) == []
    assert clock_on(referral, date(2026, 6, 21)) == ["referral.cancelled.v1"]
    assert referral.state is State.CANCELLED


@pytest.mark.parametrize(
    "state",
    [s for s in State if s in ("completed", "declined", "failed", "expired", "cancelled", "redirected", "settled")],
)
def test_the_clock_has_nothing_to_do_with_what_has_ended(state: State) -> None:
    assert clock_on(referral_in(state), date(2030, 1, 1)) == []


def test_a_deadline_of_the_agency_rests_while_a_cancellation_is_asked_for() -> None:
    referral = sent()
    REFERRAL_STEPS["cancel"][1](referral, command(FACILITATOR, SENT_ON))
    assert clock_on(referral, date(2026, 6, 15)) == []
