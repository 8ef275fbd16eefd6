"""What waits for whom, since when and until when."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from domain.codes import (
    ConnectionDeclinedReason,
    HouseholdLeftReason,
    Information,
    ReferralOutcome,
    ReferralReason,
    RejectionReason,
    ReturnReason,
    RevocationReason,
)
from domain.values import Actor, Role
from infra.event_log.recorder import Recorder
from projections.engine.runner import Connect
from projections.follow_up import cursor_of
from tests.projections.desk import Desk, Item
from tests.projections.story import BANK, CENTRE, CLOCK, JOKO, MINISTRY, OFFICER, SARI, day, due, named


@pytest.fixture
def desk(told: str, log: Recorder, connect: Connect) -> Iterator[Desk]:
    desk = Desk(told, log, connect)
    yield desk
    desk.close()


def test_nothing_waits_where_nothing_is_open(desk: Desk) -> None:
    assert desk.items() == []


def test_a_referral_waits_for_the_agency_until_its_frozen_dates(desk: Desk) -> None:
    ref = desk.refer("r", "2026-04-01")
    stages = [desk.items()]
    desk.app.receive(ref, desk.by(CENTRE, "2026-04-02"))
    stages.append(desk.items())
    desk.app.accept(ref, desk.by(CENTRE, "2026-04-03"), next_by=due("2026-05-04"))
    stages.append(desk.items())
    desk.app.schedule(ref, desk.by(CENTRE, "2026-04-04"), appointment=day("2026-04-10"), next_by=due("2026-05-05"))
    stages.append(desk.items())
    desk.app.start(ref, desk.by(CENTRE, "2026-04-10"), next_by=due("2026-07-09"))
    stages.append(desk.items())
    assert stages == [
        [("referral", "sent", "agency", day("2026-04-01"), day("2026-04-20"))],
        [("referral", "received", "agency", day("2026-04-02"), day("2026-04-20"))],
        [("referral", "accepted", "agency", day("2026-04-03"), day("2026-05-04"))],
        [("referral", "scheduled", "agency", day("2026-04-04"), day("2026-05-05"))],
        [("referral", "in_service", "agency", day("2026-04-10"), day("2026-07-09"))],
    ]
    desk.app.complete(ref, desk.by(CENTRE, "2026-05-01"), outcome=ReferralOutcome.CERTIFIED)
    assert desk.items() == []


def test_a_question_waits_for_the_sender_and_its_answer_for_the_agency(desk: Desk) -> None:
    ref = desk.refer("r", "2026-04-01")
    desk.app.request_information(ref, desk.by(CENTRE, "2026-04-02"), information=(Information.OTHER,))
    assert desk.items() == [("referral", "waiting", "sender", day("2026-04-02"), day("2026-04-20"))]
    desk.app.supply_information(ref, desk.by(SARI, "2026-04-05"), deadline=due("2026-04-30"))
    assert desk.items() == [("referral", "received", "agency", day("2026-04-05"), day("2026-04-30"))]


def test_a_basis_taken_back_after_the_end_is_nothing_to_follow(desk: Desk) -> None:
    ref = desk.refer("r", "2026-04-01")
    desk.app.decline(ref, desk.by(CENTRE, "2026-04-03"), reason=ReferralReason.NO_CAPACITY)
    desk.app.settle(ref, desk.by(SARI, "2026-04-04"), reason=ReferralReason.NO_LONGER_NEEDED)
    desk.app.withdraw_basis(ref, desk.by(SARI, "2026-04-05"))
    assert desk.items() == []


def test_a_declined_one_waits_for_the_sender_until_it_is_redirected_or_settled(desk: Desk) -> None:
    ref = desk.refer("r", "2026-04-01")
    desk.app.decline(ref, desk.by(CENTRE, "2026-04-03"), reason=ReferralReason.NO_CAPACITY)
    assert desk.items() == [("referral", "declined", "sender", day("2026-04-03"), day("2026-04-10"))]
    desk.teller.refer("ani", "again", "2026-04-05", respond_by="2026-05-01", previous="r")
    (item,) = (i for i in desk.listing() if i["household"] == str(named("ani")))
    assert (item["referral"], item["graduation"]) == (str(named("again")), None)
    assert (item["agency_name"], item["service_name"], item["facilitator"]) == (
        "Bank Rakyat",
        "KUR mikro",
        str(named("sari")),
    )
    desk.app.decline(named("again"), desk.by(BANK, "2026-04-06"), reason=ReferralReason.NO_BUDGET)
    desk.app.settle(named("again"), desk.by(SARI, "2026-04-07"), reason=ReferralReason.NO_LONGER_NEEDED)
    assert desk.items() == []


def test_one_that_expired_or_failed_comes_back_to_the_sender(desk: Desk) -> None:
    expired, failed = desk.refer("expired", "2026-04-01"), desk.refer("failed", "2026-04-01")
    desk.app.pass_deadline(expired, desk.by(CLOCK, "2026-06-29"))
    desk.app.pass_deadline(expired, desk.by(CLOCK, "2026-06-29"))
    desk.app.accept(failed, desk.by(CENTRE, "2026-04-03"), next_by=due("2026-05-04"))
    desk.app.fail(failed, desk.by(CENTRE, "2026-04-04"), reason=ReferralReason.NO_BUDGET)
    assert desk.items() == [
        ("referral", "failed", "sender", day("2026-04-04"), day("2026-04-11")),
        ("referral", "expired", "sender", day("2026-06-29"), day("2026-07-06")),
    ]


def test_a_cancellation_waits_for_the_agency_and_a_refusal_leads_back(desk: Desk) -> None:
    ref = desk.refer("r", "2026-04-01")
    desk.app.accept(ref, desk.by(CENTRE, "2026-04-03"), next_by=due("2026-05-04"))
    desk.app.cancel(ref, desk.by(SARI, "2026-04-05"), reason=ReferralReason.DUPLICATE, cancel_by=due("2026-04-12"))
    assert desk.items() == [("referral", "cancelling", "agency", day("2026-04-05"), day("2026-04-12"))]
    desk.app.refuse_cancellation(ref, desk.by(CENTRE, "2026-04-06"))
    assert desk.items() == [("referral", "accepted", "agency", day("2026-04-06"), day("2026-05-04"))]
    desk.app.cancel(ref, desk.by(SARI, "2026-04-08"), reason=ReferralReason.DUPLICATE, cancel_by=due("2026-04-15"))
    desk.app.pass_deadline(ref, desk.by(CLOCK, "2026-04-16"))
    assert desk.items() == []


def test_a_proposal_waits_for_each_in_turn(desk: Desk) -> None:
    ani, gid = named("ani"), named("g")
    desk.teller.propose("ani", "g", "2026-03-01", "pkh")
    stages = [desk.items()]
    desk.app.return_graduation(ani, desk.by(OFFICER, "2026-03-03"), gid, reason=ReturnReason.VISIT_NEEDED)
    stages.append(desk.items())
    desk.teller.propose("ani", "g", "2026-03-05", "pkh")
    stages.append(desk.items())
    desk.app.verify_graduation(ani, desk.by(OFFICER, "2026-03-07"), gid)
    stages.append(desk.items())
    assert stages == [
        [("proposal", "proposed", "regional_officer", day("2026-03-01"), day("2026-03-11"))],
        [("proposal", "returned", "proposer", day("2026-03-03"), day("2026-03-13"))],
        [("proposal", "proposed", "regional_officer", day("2026-03-05"), day("2026-03-15"))],
        [("proposal", "verified", "programme_officer", day("2026-03-07"), day("2026-03-17"))],
    ]
    desk.teller.graduate("ani", "g", "2026-03-09")
    assert desk.items() == [("unconnected", "unconnected", "facilitator", day("2026-03-09"), day("2026-03-23"))]


def test_a_proposal_rejected_or_withdrawn_waits_no_more(desk: Desk) -> None:
    desk.teller.propose("ani", "g", "2026-03-01", "pkh")
    desk.app.reject_graduation(
        named("ani"), desk.by(OFFICER, "2026-03-02"), named("g"), reason=RejectionReason.NOT_SELF_RELIANT
    )
    assert desk.items() == []
    desk.teller.propose("ani", "g2", "2026-03-03", "pkh")
    desk.app.withdraw_graduation(named("ani"), desk.by(SARI, "2026-03-04"), named("g2"))
    assert desk.items() == []
    assert [p for p in desk.proposals() if p["household"] == named("ani")] == []


def test_the_list_of_proposals_tells_what_they_rest_on(desk: Desk) -> None:
    desk.teller.propose("ani", "g", "2026-03-01", "pkh", "sembako")
    desk.app.return_graduation(
        named("ani"), desk.by(OFFICER, "2026-03-03"), named("g"), reason=ReturnReason.EVIDENCE_UNCLEAR
    )
    (row,) = (p for p in desk.proposals() if p["household"] == named("ani"))
    expected = {
        "graduation": named("g"),
        "kind": "independent",
        "programmes": ["pkh", "sembako"],
        "evidence": ["home_visit", "household_statement"],
        "steps": 2,
        "proposed_by": "sari",
        "proposed_on": day("2026-03-01"),
        "stage": "returned",
        "since": day("2026-03-03"),
        "who": "proposer",
        "return_reason": "evidence_unclear",
        "region": "33.24.04.2007",
        "facilitator": named("sari"),
    }
    assert {name: row[name] for name in expected} == expected


def test_proposals_are_listed_within_scope_and_narrowed(desk: Desk) -> None:
    def seen(actor: Actor = MINISTRY, **asked: Any) -> list[UUID]:
        return [row["graduation"] for row in desk.proposals(actor, **asked)]

    desk.teller.propose("ani", "g", "2026-03-01", "pkh")
    both = sorted([named("g"), named("yuni-1")])
    assert seen() == seen(OFFICER) == seen(SARI) == both
    assert seen(after=both[0]) == both[1:]
    assert seen(limit=1) == both[:1]
    assert seen(JOKO) == seen(BANK) == seen(Actor("x", Role.ANALYST)) == []
    assert seen(region="33.24.04") == both
    assert seen(region="33.2") == seen(region="33.25") == []
    assert seen(facilitator=named("sari")) == both
    assert seen(facilitator=named("joko")) == []


def test_a_graduate_without_a_referral_is_unconnected_until_one_is_open(desk: Desk) -> None:
    desk.graduate("g", "2026-03-09")
    waiting = ("unconnected", "unconnected", "facilitator", day("2026-03-09"), day("2026-03-23"))
    assert desk.items() == [waiting]
    ref = desk.refer("r", "2026-04-01")
    assert [item[0] for item in desk.items()] == ["referral"]
    desk.app.decline(ref, desk.by(CENTRE, "2026-04-03"), reason=ReferralReason.NO_CAPACITY)
    assert [item[0] for item in desk.items()] == ["unconnected", "referral"]
    desk.teller.refer("ani", "r2", "2026-04-04", respond_by="2026-04-30")
    desk.app.accept(named("r2"), desk.by(BANK, "2026-04-05"), next_by=due("2026-05-05"))
    desk.app.start(named("r2"), desk.by(BANK, "2026-04-06"), next_by=due("2026-05-05"))
    desk.app.complete(named("r2"), desk.by(BANK, "2026-04-07"), outcome=ReferralOutcome.EMPLOYED)
    assert [(item[0], item[1]) for item in desk.items()] == [("referral", "declined")]


def test_a_family_that_wants_no_referral_is_left_in_peace_until_it_graduates_anew(desk: Desk) -> None:
    desk.graduate("g", "2026-03-09")
    desk.app.decline_connection(
        named("ani"), desk.by(SARI, "2026-03-12"), reason=ConnectionDeclinedReason.SELF_SUFFICIENT
    )
    assert desk.items() == []
    desk.teller.propose("ani", "g2", "2026-05-01", "pkh")
    desk.app.verify_graduation(named("ani"), desk.by(OFFICER, "2026-05-02"), named("g2"))
    desk.teller.graduate("ani", "g2", "2026-05-03")
    assert [item[:1] + item[3:4] for item in desk.items()] == [("unconnected", day("2026-05-03"))]


def test_a_graduation_revoked_or_relapsed_asks_for_no_connection(desk: Desk) -> None:
    ani = named("ani")
    desk.graduate("g", "2026-03-09")
    desk.app.revoke_graduation(
        ani, desk.by(MINISTRY, "2026-03-10"), named("g"), reason=RevocationReason.DETERMINED_IN_ERROR
    )
    assert desk.items() == []
    desk.graduate("g2", "2026-03-15")
    assert [item[0] for item in desk.items()] == ["unconnected"]
    desk.teller.enrol("ani", "2026-06-01", "sembako")
    assert desk.items() == []


def test_a_family_that_left_leaves_only_its_referrals_to_follow(desk: Desk) -> None:
    desk.graduate("g", "2026-03-09")
    desk.teller.propose("ani", "g2", "2026-05-01", "pkh")
    assert [item[0] for item in desk.items()] == ["unconnected", "proposal"]
    ref = desk.refer("r", "2026-05-02", respond_by="2026-05-20")
    desk.app.leave(named("ani"), desk.by(SARI, "2026-05-05"), reason=HouseholdLeftReason.MOVED_ABROAD)
    assert [item[0] for item in desk.items()] == ["referral"]
    desk.app.decline(ref, desk.by(CENTRE, "2026-05-06"), reason=ReferralReason.MOVED_AWAY)
    assert [item[0] for item in desk.items()] == ["referral"]


def test_overdue_is_judged_on_the_date_asked_for(desk: Desk) -> None:
    desk.refer("r", "2026-04-01")

    def overdue(**asked: Any) -> list[bool]:
        return [i["overdue"] for i in desk.listing(**asked) if i["household"] == str(named("ani"))]

    assert overdue(as_of=day("2026-04-20")) == [False]
    assert overdue(as_of=day("2026-04-21")) == [True]
    assert overdue(overdue=True) == [True]
    assert overdue(overdue=False) == []
    assert overdue(overdue=True, as_of=day("2026-04-20")) == []


def test_each_sees_the_own_part_and_may_narrow_it(desk: Desk) -> None:
    desk.refer("r", "2026-04-01")
    desk.graduate("g", "2026-03-09")

    def seen(actor: Actor = MINISTRY, **asked: Any) -> set[tuple[str, UUID]]:
        return {(item["kind"], UUID(item["referral"] or item["graduation"])) for item in desk.listing(actor, **asked)}

    mine = ("referral", named("r"))
    budis, rinas = ("referral", named("fifth")), ("unconnected", named("rina-1"))
    yunis = ("proposal", named("yuni-1"))
    assert seen() == seen(OFFICER) == {mine, budis, rinas, yunis}
    assert seen(SARI) == {mine, budis, rinas, yunis}
    assert seen(JOKO) == set()
    assert seen(CENTRE) == {mine}
    assert seen(BANK) == {budis}
    assert seen(Actor("nobody", Role.AGENCY_SYSTEM)) == seen(Actor("x", Role.AUDITOR)) == set()
    assert seen(agency=named("centre")) == {mine}
    assert seen(CENTRE, agency=named("bank")) == set()
    assert seen(kind="proposal") == {yunis}
    assert seen(facilitator=named("sari")) == {mine, budis, yunis}
    assert seen(facilitator=named("sari"), as_of=day("2024-06-01")) == {budis}
    assert seen(region="33.24.04.2005") == {budis}


def test_the_longest_due_comes_first_and_a_list_goes_on_where_it_ended(desk: Desk) -> None:
    desk.refer("r", "2026-04-01")
    everything = desk.listing()
    assert [item["due"] for item in everything] == sorted(item["due"] for item in everything)
    seen: list[Item] = []
    while found := desk.listing(after=cursor_of(seen[-1]) if seen else None, limit=1):
        seen += found
    assert seen == everything
    with pytest.raises(ValueError, match="not enough values"):
        desk.listing(after="nowhere")


def test_a_handed_over_family_is_followed_up_by_its_new_facilitator(desk: Desk) -> None:
    desk.refer("r", "2026-04-01")
    desk.teller.follow("ani", "2026-06-29", JOKO)
    assert desk.items(actor=JOKO, facilitator=named("joko"))
    assert desk.items(facilitator=named("sari"), as_of=day("2026-06-29"))
    assert desk.items(facilitator=named("sari"), as_of=day("2026-06-30")) == []
