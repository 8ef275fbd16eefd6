"""Who may know of a household or a referral."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.access import sees_household, sees_referral
from domain.codes import AssignmentRole
from domain.household import Household
from domain.service import within
from domain.values import Actor, Role
from tests.domain.given import (
    ADMINISTRATOR,
    AGENCY,
    BEGAN,
    BUDI,
    CLOCK,
    FACILITATOR,
    HEAD,
    KEMENSOS,
    OTHER_AGENCY,
    OTHER_FACILITATOR,
    SITI,
    SYSTEM,
    TODAY,
    VILLAGE,
    command,
    registered,
    sealed,
    sent,
)

TOMORROW = TODAY + timedelta(days=1)
OTHER = UUID(int=0x07)


def officer(region: str) -> Actor:
    return Actor("officer", Role.REGIONAL_OFFICER, region)


@pytest.mark.parametrize(
    ("actor", "sees"),
    [
        (FACILITATOR, True),
        (OTHER_FACILITATOR, False),
        (Actor("login-of-budi", Role.FACILITATOR, str(BUDI)), True),
        (Actor(str(BUDI), Role.FACILITATOR, str(SITI)), False),
        (Actor("nobody", Role.FACILITATOR), False),
        (officer("33"), True),
        (officer("33.24"), True),
        (officer("33.24.04.2007"), True),
        (officer("33.24.04.2005"), False),
        (officer("33.2"), False),
        (officer(""), False),
        (KEMENSOS, True),
        (CLOCK, True),
        (AGENCY, False),
        (SYSTEM, False),
        (ADMINISTRATOR, False),
        (Actor("x", Role.ANALYST), False),
        (Actor("x", Role.AUDITOR), False),
    ],
)
def test_a_household_is_known_to_its_facilitators_its_region_and_the_ministry(actor: Actor, sees: bool) -> None:
    assert sees_household(actor, registered(), TODAY) is sees


def test_every_role_has_been_thought_of() -> None:
    household = registered()
    allowed = {role for role in Role if sees_household(Actor(str(BUDI), role, ""), household, TODAY)}
    assert allowed == {Role.FACILITATOR, Role.PROGRAMME_OFFICER, Role.CLOCK}


def test_a_facilitator_keeps_what_they_registered_until_somebody_is_assigned() -> None:
    household = Household.register(
        command(OTHER_FACILITATOR, BEGAN), UUID(int=9), region=VILLAGE, kk=sealed(), address=sealed(), members=(HEAD,)
    )
    assert sees_household(OTHER_FACILITATOR, household, TODAY)
    assert not sees_household(FACILITATOR, household, TODAY)
    household.assign(command(OTHER_FACILITATOR), BUDI, AssignmentRole.LEAD)
    assert not sees_household(OTHER_FACILITATOR, household, TODAY)
    assert sees_household(FACILITATOR, household, TODAY)


def test_a_hand_over_is_known_to_both_until_it_takes_effect() -> None:
    household = registered()
    household.assign(command(), SITI, AssignmentRole.LEAD)
    assert [sees_household(a, household, TODAY) for a in (FACILITATOR, OTHER_FACILITATOR)] == [True, True]
    assert [sees_household(a, household, TOMORROW) for a in (FACILITATOR, OTHER_FACILITATOR)] == [False, True]


def test_a_moved_household_is_known_where_it_lives_now() -> None:
    household = registered()
    household.move(command(), region="33.74.01.1001", address=sealed())
    assert not sees_household(officer("33.24"), household, TODAY)
    assert sees_household(officer("33.74"), household, TODAY)


def test_an_agency_knows_the_referrals_sent_to_it_and_no_others() -> None:
    referral, household = sent(), registered()
    assert [sees_referral(a, referral, household, TODAY) for a in (AGENCY, SYSTEM, OTHER_AGENCY)] == [True, True, False]
    assert not sees_referral(Actor("agency", Role.AGENCY_OFFICER, ""), referral, household, TODAY)


def test_others_know_the_referrals_of_the_households_that_they_know() -> None:
    referral, household = sent(), registered()
    assert sees_referral(FACILITATOR, referral, household, TODAY)
    assert not sees_referral(OTHER_FACILITATOR, referral, household, TODAY)
    assert not sees_referral(Actor("x", Role.ANALYST), referral, household, TODAY)


@pytest.mark.parametrize(
    ("region", "prefix", "inside"),
    [
        ("33.24.04.2007", "33.24.04.2007", True),
        ("33.24.04.2007", "33", True),
        ("33.24.04.2007", "", True),
        ("33.24.04.2007", "33.24.0", False),
        ("33.24", "33.24.04", False),
        ("33.24.04.2007", "33.24.", False),
    ],
)
def test_a_wider_region_is_told_by_whole_parts_of_the_code(region: str, prefix: str, inside: bool) -> None:
    assert within(region, prefix) is inside


def test_a_hand_over_that_another_took_the_place_of_lets_nobody_see() -> None:
    household = registered()
    household.assign(command(), SITI, AssignmentRole.LEAD)
    household.assign(command(), OTHER, AssignmentRole.LEAD)
    assert not sees_household(OTHER_FACILITATOR, household, TODAY)
    assert sees_household(Actor(str(OTHER), Role.FACILITATOR), household, TODAY)
    assert sees_household(FACILITATOR, household, TODAY)
