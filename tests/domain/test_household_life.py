"""A household's life outside assistance: registration, members, ranks, assessments, visits, moving and leaving."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.codes import (
    Criterion,
    HouseholdLeftReason,
    IncomeBand,
    MemberLeftReason,
    PasClass,
    VisitPurpose,
    VisitResult,
)
from domain.errors import Invalid
from domain.household import Household
from tests.domain.given import (
    BEGAN,
    FACILITATOR,
    HEAD,
    REGIONAL,
    TODAY,
    VILLAGE,
    command,
    event,
    happened,
    invalid,
    member,
    refused,
    registered,
    satisfied,
    sealed,
    settled_down,
)

ASSESSED: dict[str, Any] = {
    "has_business": True,
    "income_band": IncomeBand.FROM_2M_TO_3M,
    "criteria": (Criterion.SAVINGS,),
    "income": sealed("2400000"),
    "note": None,
}
RANKED: dict[str, Any] = {"decile": 3, "period": "2026-Q1", "source": "dtsen"}
VISITED: dict[str, Any] = {"purpose": VisitPurpose.VERIFICATION, "result": VisitResult.DONE, "note": None}


def left() -> Household:
    household = registered("pkh")
    household.leave(command(), reason=HouseholdLeftReason.MERGED)
    return settled_down(household)  # type: ignore[no-any-return]


def register(*members: Any) -> Household:
    return Household.register(
        command(on=BEGAN), uuid4(), region=VILLAGE, kk=sealed("kk"), address=sealed("street"), members=members
    )


def test_a_household_is_registered_with_its_members() -> None:
    household = register(HEAD, member("child"))
    assert happened(household) == [
        "household.registered.v1",
        "household.member_joined.v1",
        "household.member_joined.v1",
    ]
    assert (household.region, household.kk, household.address) == (VILLAGE, sealed("kk"), sealed("street"))
    assert set(household.members) == {HEAD.id, member("child").id}
    assert (household.state, household.registered_by, household.began_on) == ("registered", FACILITATOR.sub, BEGAN)


@pytest.mark.parametrize(
    ("members", "code"),
    [((), "no-members"), ((member("a"),), "one-head"), ((HEAD, member("b", head=True)), "one-head")],
)
def test_a_household_without_exactly_one_head_is_not_registered(members: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        register(*members)
    assert (caught.value.code, caught.value.field) == (code, "members")


def test_every_event_says_when_by_whom_and_for_which_command() -> None:
    household, asked = registered(), command(REGIONAL, date(2026, 2, 3))
    household.rank(asked, **RANKED)
    ranked = event(household)
    assert (ranked.on, ranked.by, ranked.caused_by) == (date(2026, 2, 3), "kendal-1", asked.id)


def test_a_member_joins_and_leaves() -> None:
    household = registered()
    household.add_member(command(), member("child"))
    household.remove_member(command(), member("child").id, reason=MemberLeftReason.MARRIED)
    assert happened(household) == ["household.member_joined.v1", "household.member_left.v1"]
    assert household.members[member("child").id].left_on == TODAY


def test_a_member_asked_to_join_or_leave_twice_does_so_once() -> None:
    household = registered()
    household.add_member(command(), member("child"))
    satisfied(household, lambda: household.add_member(command(), member("child")))
    household.remove_member(command(), member("child").id, reason=MemberLeftReason.MARRIED)
    satisfied(
        household, lambda: household.remove_member(command(), member("child").id, reason=MemberLeftReason.MARRIED)
    )


def test_a_second_head_may_not_join_unless_the_first_has_left() -> None:
    household = registered()
    heir = member("heir", head=True)
    invalid(household, "one-head", lambda: household.add_member(command(), heir))
    household.remove_member(command(), HEAD.id, reason=MemberLeftReason.DECEASED)
    household.add_member(command(), heir)
    satisfied(household, lambda: household.add_member(command(), heir))


@pytest.mark.parametrize("who", [UUID(int=404), HEAD.id])
def test_only_a_current_member_leaves_or_is_assessed(who: UUID) -> None:
    household = registered()
    household.remove_member(command(), HEAD.id, reason=MemberLeftReason.MOVED_OUT)
    refused(
        household,
        "member-not-current",
        "remove-member",
        lambda: household.remove_member(command(), who, reason=MemberLeftReason.DECEASED),
    )
    refused(
        household,
        "member-not-current",
        "assess-member",
        lambda: household.assess_member(command(), who, details=sealed(), pas_class=PasClass.GENERAL),
    )


def test_a_member_is_assessed_and_only_the_class_is_clear() -> None:
    household = registered()
    household.assess_member(command(), HEAD.id, details=sealed("elderly"), pas_class=PasClass.PROTECTED)
    assessed = event(household)
    assert assessed.TOPIC == "household.member_assessed.v1"
    assert (assessed.details, assessed.pas_class) == (sealed("elderly"), PasClass.PROTECTED)
    satisfied(
        household,
        lambda: household.assess_member(command(), HEAD.id, details=sealed("elderly"), pas_class=PasClass.PROTECTED),
    )
    household.assess_member(command(), HEAD.id, details=sealed("other"), pas_class=PasClass.PROTECTED)
    assert len(happened(household)) == 2


def test_the_rank_of_the_latest_period_holds_whenever_it_was_recorded() -> None:
    household = registered()
    household.rank(command(), **RANKED)
    household.rank(command(), **{**RANKED, "decile": 1, "period": "2025-Q4"})
    assert household.decile == 3
    household.rank(command(), **{**RANKED, "decile": None, "period": "2026-Q2"})
    assert household.decile is None
    assert happened(household) == ["household.ranked.v1"] * 3


def test_the_same_rank_again_is_no_event_and_a_corrected_one_is() -> None:
    household = registered()
    household.rank(command(), **RANKED)
    satisfied(household, lambda: household.rank(command(), **RANKED))
    household.rank(command(), **{**RANKED, "decile": 4})
    assert household.decile == 4


def test_findings_in_the_field_are_recorded_once() -> None:
    household = registered()
    household.assess(command(), **ASSESSED)
    assert event(household).TOPIC == "household.assessed.v1"
    assert event(household).income_band is IncomeBand.FROM_2M_TO_3M
    satisfied(household, lambda: household.assess(command(), **ASSESSED))
    household.assess(command(REGIONAL), **ASSESSED)
    assert happened(household) == ["household.assessed.v1"] * 2, "another actor's finding is another finding"


def test_a_visit_is_recorded_once() -> None:
    household = registered()
    household.visit(command(), **VISITED)
    satisfied(household, lambda: household.visit(command(), **VISITED))
    household.visit(command(), **{**VISITED, "purpose": VisitPurpose.AFTERCARE})
    household.visit(command(), **VISITED)
    assert happened(household) == ["household.visited.v1"] * 3


def test_a_household_moves_and_moving_again_to_the_same_place_is_no_event() -> None:
    household = registered()
    household.move(command(), region="33.24.04.2005", address=sealed("new"))
    assert (household.region, household.address) == ("33.24.04.2005", sealed("new"))
    satisfied(household, lambda: household.move(command(), region="33.24.04.2005", address=sealed("new")))
    household.move(command(), region=VILLAGE, address=sealed("address"))
    household.move(command(), region="33.24.04.2005", address=sealed("new"))
    assert happened(household) == ["household.moved.v1"] * 3


def test_a_household_leaves_once() -> None:
    household = left()
    assert household.state == "left"
    satisfied(household, lambda: household.leave(command(), reason=HouseholdLeftReason.MERGED))
    error = refused(
        household,
        "household-left",
        "leave",
        lambda: household.leave(command(), reason=HouseholdLeftReason.DUPLICATE),
    )
    assert error.allowed == ()


def test_nothing_but_corrections_and_erasure_follows_leaving() -> None:
    household = left()
    for action, decide in {
        "add-member": lambda: household.add_member(command(), member("late")),
        "remove-member": lambda: household.remove_member(command(), HEAD.id, reason=MemberLeftReason.DECEASED),
        "assess-member": lambda: household.assess_member(
            command(), HEAD.id, details=sealed(), pas_class=PasClass.GENERAL
        ),
        "rank": lambda: household.rank(command(), **RANKED),
        "assess": lambda: household.assess(command(), **ASSESSED),
        "visit": lambda: household.visit(command(), **VISITED),
        "move": lambda: household.move(command(), region=VILLAGE, address=sealed("elsewhere")),
    }.items():
        refused(household, "household-left", action, decide)
