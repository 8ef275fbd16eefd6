"""Leaving a programme for good: proposals and their answers, four eyes, two steps, one a year, and revocation."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.codes import (
    ConnectionDeclinedReason,
    DiscontinuationReason,
    Evidence,
    GraduationKind,
    HouseholdLeftReason,
    RejectionReason,
    ReturnReason,
    RevocationReason,
)
from domain.household import Household
from domain.household_state import Stage
from domain.values import Actor
from tests.domain.given import (
    BUDI,
    FACILITATOR,
    KEMENSOS,
    OTHER_FACILITATOR,
    OTHER_REGIONAL,
    REGIONAL,
    TODAY,
    VILLAGE,
    command,
    enrol,
    event,
    graduated,
    happened,
    invalid,
    propose,
    proposed,
    refused,
    registered,
    satisfied,
    sealed,
    settled_down,
)

Answer = Callable[[Household, Actor, UUID], object]


def give_back(h: Household, by: Actor, g: UUID) -> object:
    return h.return_graduation(command(by), g, reason=ReturnReason.EVIDENCE_UNCLEAR, note=None)


def reject(h: Household, by: Actor, g: UUID) -> object:
    return h.reject_graduation(command(by), g, reason=RejectionReason.NOT_SELF_RELIANT, note=None)


def withdraw(h: Household, by: Actor, g: UUID) -> object:
    return h.withdraw_graduation(command(by), g)


def verify(h: Household, by: Actor, g: UUID) -> object:
    return h.verify_graduation(command(by), g)


def approve(h: Household, by: Actor, g: UUID) -> object:
    return h.approve_graduation(command(by), g)


def revoke(h: Household, by: Actor, g: UUID, on: date = TODAY) -> object:
    return h.revoke_graduation(command(by, on), g, reason=RevocationReason.APPEAL_UPHELD, note=None)


ANSWERS: dict[str, tuple[Actor, Answer]] = {
    "return-graduation": (REGIONAL, give_back),
    "reject-graduation": (REGIONAL, reject),
    "withdraw-graduation": (FACILITATOR, withdraw),
    "verify-graduation": (REGIONAL, verify),
    "approve-graduation": (REGIONAL, approve),
}


def test_a_graduation_is_proposed_on_evidence() -> None:
    household = registered("pkh")
    graduation = propose(household, evidence=(Evidence.HOME_VISIT, Evidence.VILLAGE_LETTER))
    made = event(household)
    assert (made.TOPIC, made.graduation, made.programmes) == (
        "household.graduation_proposed.v1", graduation, ("pkh",)
    )  # fmt: skip
    assert household.state == "enrolled/proposed"


def test_a_graduation_without_evidence_is_not_proposed() -> None:
    household = registered("pkh")
    invalid(household, "no-evidence", lambda: propose(household, evidence=()))


def test_an_own_request_needs_the_households_own_statement() -> None:
    household = registered("pkh")
    invalid(household, "statement-missing", lambda: propose(household, own_request=True))
    propose(household, own_request=True, evidence=(Evidence.HOUSEHOLD_STATEMENT,))


def test_a_household_graduates_only_from_programmes_that_it_is_in() -> None:
    household = registered("pkh")
    refused(household, "not-enrolled", "propose-graduation", lambda: propose(household, "sembako"))
    refused(household, "not-enrolled", "propose-graduation", lambda: propose(household, "pkh", "sembako"))
    late = registered("pkh", since=date(2026, 3, 1))
    refused(late, "not-enrolled", "propose-graduation", lambda: propose(late, on=date(2026, 2, 28)))


def test_one_proposal_is_open_at_a_time() -> None:
    household, graduation = proposed()
    refused(household, "proposal-open", "propose-graduation", lambda: propose(household, "sembako"))
    refused(household, "proposal-open", "propose-graduation", lambda: propose(household, by=OTHER_FACILITATOR))
    assert household.proposal is not None
    assert household.proposal.graduation == graduation


def test_the_same_proposal_again_answers_with_the_open_one() -> None:
    household, graduation = proposed(on=TODAY)
    satisfied(household, lambda: propose(household))
    assert propose(household) == graduation
    assert propose(household, steps=2) == graduation, "the steps are the programme's, not the proposer's"


@pytest.mark.parametrize("action", ANSWERS)
def test_an_answer_names_the_open_proposal(action: str) -> None:
    by, answer = ANSWERS[action]
    household, _ = proposed()
    refused(household, "no-such-proposal", action, lambda: answer(household, by, uuid4()))
    nothing_open = registered("pkh")
    refused(nothing_open, "no-such-proposal", action, lambda: answer(nothing_open, by, uuid4()))


@pytest.mark.parametrize("action", [a for a in ANSWERS if a != "withdraw-graduation"])
def test_nobody_answers_the_own_proposal(action: str) -> None:
    household = registered("pkh")
    graduation = propose(household, by=REGIONAL, steps=2 if action == "verify-graduation" else 1)
    settled_down(household)
    refused(household, "own-proposal", action, lambda: ANSWERS[action][1](household, REGIONAL, graduation))


def test_only_the_proposer_withdraws() -> None:
    household, graduation = proposed()
    refused(household, "not-proposer", "withdraw-graduation", lambda: withdraw(household, REGIONAL, graduation))
    withdraw(household, FACILITATOR, graduation)
    assert happened(household) == ["household.graduation_withdrawn.v1"]
    assert household.state == "enrolled"
    satisfied(household, lambda: withdraw(household, FACILITATOR, graduation))


def test_a_rejected_proposal_is_closed_and_another_may_follow() -> None:
    household, graduation = proposed()
    reject(household, REGIONAL, graduation)
    assert (happened(household), household.state) == (["household.graduation_rejected.v1"], "enrolled")
    satisfied(household, lambda: reject(household, REGIONAL, graduation))
    refused(household, "no-such-proposal", "reject-graduation", lambda: reject(household, KEMENSOS, graduation))
    assert propose(household) != graduation


def test_a_returned_proposal_is_made_again_under_its_id_by_its_proposer() -> None:
    household, graduation = proposed()
    give_back(household, REGIONAL, graduation)
    assert (happened(household), household.state) == (["household.graduation_returned.v1"], "enrolled/returned")
    satisfied(household, lambda: give_back(household, REGIONAL, graduation))
    refused(household, "proposal-open", "propose-graduation", lambda: propose(household, by=OTHER_FACILITATOR))
    assert propose(household, evidence=(Evidence.VILLAGE_LETTER,)) == graduation
    assert household.state == "enrolled/proposed"
    approve(household, REGIONAL, graduation)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("return-graduation", "proposal-returned"),
        ("verify-graduation", "proposal-returned"),
        ("approve-graduation", "proposal-returned"),
    ],
)
def test_a_returned_proposal_waits_for_its_proposer(action: str, code: str) -> None:
    household, graduation = proposed(steps=2)
    give_back(household, REGIONAL, graduation)
    refused(household, code, action, lambda: ANSWERS[action][1](household, OTHER_REGIONAL, graduation))


@pytest.mark.parametrize("action", ["reject-graduation", "withdraw-graduation"])
def test_a_returned_proposal_may_still_be_rejected_or_withdrawn(action: str) -> None:
    household, graduation = proposed()
    give_back(household, REGIONAL, graduation)
    by, answer = ANSWERS[action]
    answer(household, by, graduation)
    assert household.proposal is None


def test_two_steps_are_verified_first_and_determined_then() -> None:
    household, graduation = proposed(steps=2)
    refused(household, "not-verified", "approve-graduation", lambda: approve(household, KEMENSOS, graduation))
    verify(household, REGIONAL, graduation)
    assert (happened(household), household.state) == (["household.graduation_verified.v1"], "enrolled/verified")
    satisfied(household, lambda: verify(household, REGIONAL, graduation))
    refused(household, "already-verified", "verify-graduation", lambda: verify(household, OTHER_REGIONAL, graduation))
    approve(household, KEMENSOS, graduation)
    assert household.graduations[graduation].kind is GraduationKind.INDEPENDENT


def test_one_step_is_not_verified() -> None:
    household, graduation = proposed(steps=1)
    refused(household, "one-step", "verify-graduation", lambda: verify(household, REGIONAL, graduation))


def test_a_verified_proposal_that_is_returned_is_verified_anew() -> None:
    household, graduation = proposed(steps=2)
    verify(household, REGIONAL, graduation)
    give_back(household, KEMENSOS, graduation)
    propose(household, steps=2)
    assert household.proposal is not None
    assert household.proposal.stage is Stage.PROPOSED
    refused(household, "not-verified", "approve-graduation", lambda: approve(household, KEMENSOS, graduation))


def test_a_graduation_ends_its_programmes_and_freezes_whom_it_counts_for() -> None:
    household, graduation = proposed()
    approve(household, REGIONAL, graduation)
    made = event(household)
    assert (made.TOPIC, made.facilitator, made.region) == ("household.graduated.v1", BUDI, VILLAGE)
    assert (made.kind, made.programmes, made.on) == (GraduationKind.INDEPENDENT, ("pkh",), TODAY)
    assert (household.is_enrolled("pkh"), household.is_enrolled("sembako")) == (False, True)


def test_an_approval_repeated_after_the_household_moved_is_the_same_approval() -> None:
    household, graduation = proposed()
    approve(household, REGIONAL, graduation)
    household.move(command(), region="33.24.04.2005", address=sealed("new"))
    satisfied(household, lambda: approve(household, REGIONAL, graduation))
    refused(household, "no-such-proposal", "approve-graduation", lambda: approve(household, KEMENSOS, graduation))


def test_a_graduation_without_a_lead_facilitator_counts_for_the_region_alone() -> None:
    household = registered("pkh")
    household.assignments.clear()
    graduation = propose(household)
    settled_down(household)
    approve(household, REGIONAL, graduation)
    assert (event(household).facilitator, event(household).region) == (None, VILLAGE)


def test_a_programme_ended_meanwhile_is_not_graduated_from() -> None:
    household, graduation = proposed()
    household.discontinue(command(), "pkh", reason=DiscontinuationReason.DECEASED)
    refused(household, "not-enrolled", "approve-graduation", lambda: approve(household, REGIONAL, graduation))


def test_a_programme_that_ended_today_is_not_graduated_from_today() -> None:
    household = registered("pkh", "sembako")
    household.discontinue(command(), "pkh", reason=DiscontinuationReason.DECEASED)
    refused(household, "not-enrolled", "propose-graduation", lambda: propose(household))


def test_a_graduation_is_not_determined_for_a_day_between_two_enrolments() -> None:
    household, graduation = proposed(on=date(2026, 6, 1))
    household.discontinue(command(on=date(2026, 6, 10)), "pkh", reason=DiscontinuationReason.DATA_MISMATCH)
    enrol(household, on=date(2026, 6, 20))
    between = command(REGIONAL, date(2026, 6, 15))
    refused(household, "not-enrolled", "approve-graduation", lambda: household.approve_graduation(between, graduation))


def test_a_proposal_of_last_year_does_not_get_round_the_one_graduation_of_this_year() -> None:
    household, _ = graduated(date(2026, 2, 1))
    enrol(household, on=date(2026, 3, 1))
    late = propose(household, on=date(2025, 12, 15))
    settled_down(household)
    refused(household, "graduated-this-year", "approve-graduation", lambda: approve(household, REGIONAL, late))


def test_a_household_leaves_the_same_programme_once_a_year() -> None:
    household, _ = graduated(date(2026, 2, 1))
    enrol(household, on=date(2026, 3, 1))
    settled_down(household)
    refused(household, "graduated-this-year", "propose-graduation", lambda: propose(household))
    propose(household, "sembako")


def test_the_year_is_that_of_the_determination() -> None:
    household, _ = graduated(date(2025, 12, 31))
    enrol(household, on=date(2026, 1, 1))
    graduation = propose(household, on=date(2026, 1, 1))
    approve(household, REGIONAL, graduation)
    assert sorted(g.on.year for g in household.graduations.values()) == [2025, 2026]


def test_a_revoked_graduation_leaves_the_year_free() -> None:
    household, first = graduated(date(2026, 2, 1))
    revoke(household, KEMENSOS, first)
    second = propose(household)
    approve(household, REGIONAL, second)
    assert [g.revoked for g in household.graduations.values()] == [True, False]


def test_a_revocation_puts_the_programmes_in_force_again() -> None:
    household, graduation = graduated(date(2026, 6, 10), "pkh", "sembako")
    assert household.state == "graduated"
    revoke(household, REGIONAL, graduation)
    assert happened(household) == ["household.graduation_revoked.v1"]
    assert (household.is_enrolled("pkh"), household.is_enrolled("sembako")) == (True, True)
    assert household.was_enrolled("pkh", date(2026, 6, 20))
    satisfied(household, lambda: revoke(household, REGIONAL, graduation))


def test_only_a_graduation_that_stands_is_revoked() -> None:
    household, graduation = graduated()
    refused(household, "no-such-graduation", "revoke-graduation", lambda: revoke(household, REGIONAL, uuid4()))
    revoke(household, REGIONAL, graduation)
    refused(household, "no-such-graduation", "revoke-graduation", lambda: revoke(household, KEMENSOS, graduation))


def test_a_programme_that_had_ended_otherwise_is_not_restored_by_a_revocation() -> None:
    household, graduation = graduated()
    household.discontinue(command(), "sembako", reason=DiscontinuationReason.DUPLICATE)
    revoke(household, REGIONAL, graduation)
    assert (household.is_enrolled("pkh"), household.is_enrolled("sembako")) == (True, False)


def test_after_leaving_a_graduation_is_revoked_but_no_proposal_made_or_answered() -> None:
    household, first = graduated(date(2026, 6, 10))
    second = propose(household, "sembako")
    household.leave(command(), reason=HouseholdLeftReason.DECEASED)
    settled_down(household)
    for action, (by, answer) in ANSWERS.items():
        refused(household, "household-left", action, lambda b=by, a=answer: a(household, b, second))  # type: ignore[misc]
    refused(household, "household-left", "propose-graduation", lambda: propose(household, by=OTHER_FACILITATOR))
    refused(
        household,
        "household-left",
        "decline-connection",
        lambda: household.decline_connection(command(), reason=ConnectionDeclinedReason.NO_INTEREST),
    )
    refused(household, "household-left", "re-enrol", lambda: enrol(household))
    revoke(household, REGIONAL, first)
    assert happened(household) == ["household.graduation_revoked.v1"]


def test_a_family_declines_to_be_connected_only_after_a_graduation() -> None:
    reason: dict[str, Any] = {"reason": ConnectionDeclinedReason.SELF_SUFFICIENT}
    before = registered("pkh")
    refused(before, "not-graduated", "decline-connection", lambda: before.decline_connection(command(), **reason))
    household, graduation = graduated()
    household.decline_connection(command(), **reason)
    assert happened(household) == ["household.connection_declined.v1"]
    satisfied(household, lambda: household.decline_connection(command(), **reason))
    revoke(household, REGIONAL, graduation)
    refused(
        household,
        "not-graduated",
        "decline-connection",
        lambda: household.decline_connection(command(OTHER_FACILITATOR), **reason),
    )


def test_an_old_approval_repeated_while_another_proposal_is_open_is_refused_not_misread() -> None:
    household, first = graduated(date(2026, 2, 1))
    propose(household, "sembako", on=date(2026, 6, 1))
    settled_down(household)
    refused(
        household,
        "no-such-proposal",
        "approve-graduation",
        lambda: household.approve_graduation(command(REGIONAL, date(2026, 2, 1)), first),
    )


def test_a_determination_is_not_before_the_verification_that_it_rests_on() -> None:
    household, graduation = proposed(steps=2, on=date(2025, 12, 20))
    household.verify_graduation(command(REGIONAL, date(2026, 1, 5)), graduation)
    settled_down(household)
    early = command(KEMENSOS, date(2025, 12, 30))
    invalid(household, "before-proposal", lambda: household.approve_graduation(early, graduation))
    household.approve_graduation(command(KEMENSOS, date(2026, 1, 5)), graduation)
    assert event(household).on == date(2026, 1, 5)


def test_a_proposal_is_not_made_again_before_it_was_returned() -> None:
    household, graduation = proposed(on=date(2026, 6, 1))
    household.return_graduation(
        command(REGIONAL, date(2026, 6, 10)), graduation, reason=ReturnReason.EVIDENCE_UNCLEAR, note=None
    )
    settled_down(household)
    invalid(household, "before-proposal", lambda: propose(household, "pkh", on=date(2026, 6, 9)))
    assert propose(household, "pkh", on=date(2026, 6, 10)) == graduation


def test_a_connection_is_not_declined_before_the_graduation() -> None:
    household, _ = graduated(date(2026, 6, 10))
    early = command(FACILITATOR, date(2026, 6, 9))
    reason = ConnectionDeclinedReason.NO_INTEREST
    refused(
        household, "not-graduated", "decline-connection", lambda: household.decline_connection(early, reason=reason)
    )


def test_a_revocation_puts_no_programme_in_force_that_was_left_again_since() -> None:
    household, first = graduated(date(2025, 6, 10))
    enrol(household, "pkh", date(2025, 9, 1))
    second = propose(household, "pkh", on=date(2026, 6, 1))
    household.approve_graduation(command(REGIONAL, date(2026, 6, 1)), second)
    household.revoke_graduation(command(KEMENSOS), first, reason=RevocationReason.APPEAL_UPHELD, note=None)
    assert not household.is_enrolled("pkh")
    assert household.was_enrolled("pkh", date(2025, 8, 1))
    household.revoke_graduation(command(KEMENSOS), second, reason=RevocationReason.APPEAL_UPHELD, note=None)
    assert household.is_enrolled("pkh")


def test_a_proposal_that_ended_with_the_household_is_not_taken_as_still_made() -> None:
    household, _ = proposed(on=TODAY)
    household.leave(command(), reason=HouseholdLeftReason.MERGED)
    settled_down(household)
    refused(household, "household-left", "propose-graduation", lambda: propose(household, "pkh"))


def test_a_connection_declined_after_a_graduation_that_was_revoked_is_declined_no_longer() -> None:
    household, graduation = graduated()
    household.decline_connection(command(), reason=ConnectionDeclinedReason.NO_INTEREST)
    settled_down(household)
    household.revoke_graduation(command(REGIONAL), graduation, reason=RevocationReason.APPEAL_UPHELD)
    settled_down(household)
    refused(
        household,
        "not-graduated",
        "decline-connection",
        lambda: household.decline_connection(command(), reason=ConnectionDeclinedReason.NO_INTEREST),
    )
