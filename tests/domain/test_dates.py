"""The date of an event: never in the future, never before the registration, and never before what it answers."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import (
    AssignmentRole,
    ConnectionDeclinedReason,
    DiscontinuationReason,
    HouseholdLeftReason,
    IncomeBand,
    MemberLeftReason,
    PasClass,
    RejectionReason,
    ReturnReason,
    ReversalReason,
    RevocationReason,
    VisitPurpose,
    VisitResult,
)
from domain.household import Household
from domain.referral_table import State
from domain.values import Command
from tests.domain.given import (
    AGENCY_ID,
    BEGAN,
    HEAD,
    PATHS,
    REFERRAL_STEPS,
    REGIONAL,
    SENT_ON,
    SERVICE_ID,
    SITI,
    TODAY,
    VILLAGE,
    assist,
    command,
    deadline,
    graduated,
    invalid,
    member,
    propose,
    proposed,
    referral_in,
    registered,
    sealed,
    sent,
)

Decide = Callable[[Household, Command], object]
DECISIONS: dict[str, Decide] = {
    "add-member": lambda h, c: h.add_member(c, member("late")),
    "remove-member": lambda h, c: h.remove_member(c, HEAD.id, reason=MemberLeftReason.DECEASED),
    "assess-member": lambda h, c: h.assess_member(c, HEAD.id, details=sealed(), pas_class=PasClass.GENERAL),
    "rank": lambda h, c: h.rank(c, decile=1, period="2026-Q1", source="dtsen"),
    "assess": lambda h, c: h.assess(c, has_business=False, income_band=IncomeBand.UNDER_1M, criteria=()),
    "assign": lambda h, c: h.assign(c, SITI, AssignmentRole.HELPER),
    "enrol": lambda h, c: h.enrol(c, "pena", relapse=False, rule_version=1, warnings=()),
    "assist": lambda h, c: assist(h, on=c.on),
    "reverse-assistance": lambda h, c: h.reverse_assistance(c, "pkh", "2026-Q1", "r0", reason=ReversalReason.DUPLICATE),
    "visit": lambda h, c: h.visit(c, purpose=VisitPurpose.VERIFICATION, result=VisitResult.DONE),
    "propose-graduation": lambda h, c: propose(h, on=c.on),
    "discontinue": lambda h, c: h.discontinue(c, "pkh", reason=DiscontinuationReason.INELIGIBLE),
    "refer": lambda h, c: h.refer(c, referral=SERVICE_ID, agency=AGENCY_ID, service=SERVICE_ID, member=None),
    "decline-connection": lambda h, c: h.decline_connection(c, reason=ConnectionDeclinedReason.NO_INTEREST),
    "move": lambda h, c: h.move(c, region=VILLAGE, address=sealed("new")),
    "leave": lambda h, c: h.leave(c, reason=HouseholdLeftReason.MERGED),
}
ANSWERS: dict[str, Any] = {
    "return-graduation": lambda h, c, g: h.return_graduation(c, g, reason=ReturnReason.VISIT_NEEDED, note=None),
    "reject-graduation": lambda h, c, g: h.reject_graduation(c, g, reason=RejectionReason.STILL_ELIGIBLE, note=None),
    "withdraw-graduation": lambda h, c, g: h.withdraw_graduation(c, g),
    "verify-graduation": lambda h, c, g: h.verify_graduation(c, g),
    "approve-graduation": lambda h, c, g: h.approve_graduation(c, g),
}


@pytest.mark.parametrize("action", DECISIONS)
def test_nothing_happens_to_a_household_in_the_future_or_before_its_registration(action: str) -> None:
    household = registered("pkh")
    tomorrow, before = TODAY + timedelta(days=1), BEGAN - timedelta(days=1)
    invalid(household, "future-date", lambda: DECISIONS[action](household, command(on=tomorrow)))
    invalid(household, "before-registration", lambda: DECISIONS[action](household, command(on=before)))


@pytest.mark.parametrize("action", [a for a in DECISIONS if a not in ("reverse-assistance", "decline-connection")])
def test_what_happened_on_the_day_of_registration_may_be_recorded_late(action: str) -> None:
    household = registered("pkh")
    DECISIONS[action](household, command(on=BEGAN))
    assert [e.on for e in household.pending_events] == [BEGAN]  # type: ignore[attr-defined]


@pytest.mark.parametrize("action", ANSWERS)
def test_a_proposal_is_not_answered_before_it_was_made(action: str) -> None:
    household, graduation = proposed(on=date(2026, 6, 1))
    early = command(REGIONAL, date(2026, 5, 31))
    invalid(household, "before-proposal", lambda: ANSWERS[action](household, early, graduation))
    invalid(
        household,
        "future-date",
        lambda: ANSWERS[action](household, command(REGIONAL, TODAY + timedelta(days=1)), graduation),
    )


def test_a_graduation_is_determined_on_the_day_of_the_proposal_at_the_earliest() -> None:
    household, graduation = proposed(on=date(2026, 6, 1))
    household.approve_graduation(command(REGIONAL, date(2026, 6, 1)), graduation)
    assert household.graduations[graduation].on == date(2026, 6, 1)


def test_a_revocation_is_not_before_its_graduation() -> None:
    household, graduation = graduated(date(2026, 6, 10))
    early = command(REGIONAL, date(2026, 6, 9))
    invalid(
        household,
        "before-graduation",
        lambda: household.revoke_graduation(early, graduation, reason=RevocationReason.APPEAL_UPHELD, note=None),
    )


@pytest.mark.parametrize("action", REFERRAL_STEPS)
def test_no_step_of_a_referral_is_in_the_future_or_before_it_was_sent(action: str) -> None:
    by, step = REFERRAL_STEPS[action]
    referral = sent()
    invalid(referral, "future-date", lambda: step(referral, command(by, TODAY + timedelta(days=1))))
    invalid(referral, "before-registration", lambda: step(referral, command(by, SENT_ON - timedelta(days=1))))


def test_a_step_of_a_referral_is_not_before_the_last_one() -> None:
    for state in PATHS:
        referral = referral_in(state, on=date(2026, 6, 5))
        for action in (a for a in REFERRAL_STEPS if a != "schedule"):
            by, step = REFERRAL_STEPS[action]
            if action in {a.action for a in referral.actions(by)} and referral.state != "sent":
                fresh = referral_in(state, on=date(2026, 6, 5))
                invalid(fresh, "before-last-step", lambda: step(fresh, command(by, date(2026, 6, 4))))  # noqa: B023


def test_an_appointment_is_not_before_the_day_on_which_it_is_made() -> None:
    referral = referral_in(State.ACCEPTED)
    from_agency = command(REFERRAL_STEPS["schedule"][0])
    invalid(
        referral,
        "appointment-past",
        lambda: referral.schedule(from_agency, appointment=TODAY - timedelta(days=1), next_by=deadline()),
    )
    referral.schedule(from_agency, appointment=TODAY, next_by=deadline())


def test_an_appointment_is_within_a_year_of_the_day_on_which_it_is_made() -> None:
    referral = referral_in(State.ACCEPTED)
    from_agency = command(REFERRAL_STEPS["schedule"][0])
    last = TODAY + timedelta(days=366)
    invalid(
        referral,
        "appointment-far",
        lambda: referral.schedule(from_agency, appointment=last + timedelta(days=1), next_by=deadline()),
    )
    referral.schedule(from_agency, appointment=last, next_by=deadline())
