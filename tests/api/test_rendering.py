"""Answers that are written without a check say what their schemas say: every field, in its form, and none beside."""

from typing import Any

import pytest
from pydantic import BaseModel

from api.schemas.graduations import By, Counts
from api.schemas.households import HouseholdFull
from api.schemas.pages import Page
from api.schemas.referrals import FollowUpItem
from tests.api.rig import Rig, a_member
from tests.api.test_graduations import graduated


def held_to(schema: type[BaseModel], answer: Any, **shown: bool) -> None:
    found = schema.model_validate_json(answer.text, extra="forbid", by_alias=False, by_name=True)
    assert found.model_dump(mode="json", **shown) == answer.json()
    assert answer.headers["content-type"] == "application/json"


@pytest.fixture
def life(own_rig: Rig) -> Rig:
    """One of everything that waits, and a graduation."""
    facilitator, sari = own_rig.facilitator()
    agency, _ = own_rig.agency()
    graduated(own_rig, facilitator, sari)
    own_rig.proposal(own_rig.household(facilitator, enrolled=("sembako",)), sari)
    own_rig.referral(own_rig.household(facilitator), own_rig.service(agency), sari)
    return own_rig


def test_follow_up_is_what_its_schema_says(life: Rig) -> None:
    for limit in (1, 100):
        answer = life.latest("/v1/follow-up", limit=limit)
        held_to(Page[FollowUpItem], answer)
        assert len(answer.json()["items"]) == min(3, limit)


def test_a_household_is_what_its_schema_says(life: Rig) -> None:
    assessment = {"component": "elderly", "pas_group": "neglected_elderly", "disability": "none"}
    households = {item["household"] for item in life.latest("/v1/follow-up").json()["items"]}
    for household in households:
        path = f"/v1/households/{household}"
        member = life.latest(path).json()["members"][0]["id"]
        life.post(f"{path}/members/{member}/assessments", assessment)
        life.post(f"{path}/members", a_member(head=False))
    shown = [life.latest(f"/v1/households/{household}") for household in households]
    for answer in shown:
        held_to(HouseholdFull, answer)
        assert [member["component"] for member in answer.json()["members"]] == ["elderly", None]
    assert any(answer.json()["proposal"] for answer in shown)
    assert any(answer.json()["graduations"] for answer in shown)


@pytest.mark.parametrize("by", [None, *By])
@pytest.mark.parametrize("known_at", [None, "2100-01-01"])
def test_graduations_are_what_their_schema_says(life: Rig, by: By | None, known_at: str | None) -> None:
    answer = life.latest("/v1/graduations", by=by, known_at=known_at)
    held_to(Counts, answer, exclude_unset=True)
    assert answer.json()["rows"]
