"""Every command of a household's life: done once, shown, and satisfied when asked for again."""

from typing import Any

import pytest

from tests.api.rig import CURUGSEWU, MINISTRY, OFFICER, PAGERSARI, Rig, a_member, registration

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("ranks", {"decile": 4, "period": "2026-Q1", "source": "dtsen"}),
    ("ranks", {"decile": None, "period": "2026-Q2"}),
    (
        "assessments",
        {
            "has_business": True,
            "income_band": "2m_to_3m",
            "criteria": ["savings", "own_business"],
            "income": 2_500_000,
            "note": "Warung ramai",
        },
    ),
    ("visits", {"purpose": "business_coaching", "result": "done", "note": "Pembukuan rapi"}),
    ("discontinuations", {"programme": "sembako", "reason": "ineligible"}),
    ("moves", {"region": PAGERSARI, "address": "Dukuh Baru"}),
    ("leave", {"reason": "own_request"}),
]
PAYMENT = {
    "programme": "sembako",
    "period": "2026-Q1",
    "channel": "kks",
    "amount": 600_000,
    "paid_on": "2026-02-10",
    "reference": "SP2D-77",
    "on": "2026-02-10",
}


@pytest.mark.parametrize(("verb", "body"), COMMANDS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_command_is_done_once_and_asking_again_needs_no_event(rig: Rig, verb: str, body: dict[str, Any]) -> None:
    household = rig.household(enrolled=("sembako",))
    first = rig.post(f"/v1/households/{household}/{verb}", body, OFFICER)
    done = first.json()
    assert (done["id"], done["satisfied"]) == (household, False)
    again = rig.post(f"/v1/households/{household}/{verb}", body, OFFICER, 200)
    assert again.json() == {**done, "satisfied": True}
    assert again.headers["Rujukan-Position"] == first.headers["Rujukan-Position"]
    assert "Location" not in again.headers
    assert rig.latest(f"/v1/households/{household}").json()["version"] == done["version"]


def test_members_join_are_assessed_and_leave(rig: Rig) -> None:
    household = rig.household()
    path = f"/v1/households/{household}/members"
    joined = rig.post(path, a_member(head=False, name="Adi"), OFFICER).json()["member_id"]
    details = {
        "component": "elderly",
        "pas_group": "neglected_elderly",
        "disability": "netra",
        "pas_class": "protected",
    }
    assert rig.post(f"{path}/{joined}/assessments", details, OFFICER).json()["member_id"] == joined
    (member,) = [m for m in rig.latest(f"/v1/households/{household}").json()["members"] if m["id"] == joined]
    assert {name: member[name] for name in details} == details
    assert member["name"] == "Adi"
    rig.post(f"{path}/{joined}/leave", {"reason": "married"}, OFFICER)
    (member,) = [m for m in rig.latest(f"/v1/households/{household}").json()["members"] if m["id"] == joined]
    assert member["left_on"] == "2026-06-15"
    problem = rig.post(f"{path}/{joined}/assessments", {**details, "pas_class": "general"}, OFFICER, 409).json()
    assert problem["code"] == "member-not-current"


def test_a_member_who_left_may_join_another_household(rig: Rig) -> None:
    leaving = a_member(head=False)
    household = rig.household(members=[a_member(), leaving])
    (member,) = [m for m in rig.latest(f"/v1/households/{household}").json()["members"] if not m["head"]]
    other = rig.household()
    assert rig.post(f"/v1/households/{other}/members", leaving, expect=409).json()["code"] == "already-registered"
    rig.post(f"/v1/households/{household}/members/{member['id']}/leave", {"reason": "married"})
    rig.post(f"/v1/households/{other}/members", leaving)


def test_assistance_is_recorded_repeated_by_anyone_and_reversed(rig: Rig) -> None:
    household = rig.household(enrolled=("sembako",))
    path = f"/v1/households/{household}/assistance"
    done = rig.post(path, PAYMENT, OFFICER).json()
    assert rig.post(path, PAYMENT, MINISTRY, 200).json() == {**done, "satisfied": True}
    (payment,) = rig.latest(path).json()
    assert {name: payment[name] for name in payment if name in PAYMENT} == {
        k: v for k, v in PAYMENT.items() if k != "on"
    }
    reversal = {"programme": "sembako", "period": "2026-Q1", "reason": "duplicate"}
    rig.post(f"{path}/SP2D-77/reverse", reversal, OFFICER)
    assert rig.latest(path).json() == []
    rig.post(f"{path}/SP2D-77/reverse", reversal, OFFICER, 200)
    assert rig.post(f"{path}/OTHER/reverse", reversal, OFFICER, 409).json()["code"] == "no-such-payment"


def test_a_hand_over_takes_effect_the_day_after(rig: Rig) -> None:
    first, sari = rig.facilitator()
    second, joko = rig.facilitator()
    household = rig.household(first)
    rig.post(f"/v1/households/{household}/assignments", {"facilitator": second}, OFFICER)
    found = rig.latest(f"/v1/households/{household}", sari).json()
    assert found["lead"] == first
    assert [(a["facilitator"], a["since"], a["until"]) for a in found["assignments"]] == [
        (first, "2025-01-02", "2026-06-16"),
        (second, "2026-06-16", None),
    ]
    rig.time.day = rig.time.day.replace(day=16)
    assert rig.latest(f"/v1/households/{household}", joko).json()["lead"] == second
    rig.latest(f"/v1/households/{household}", sari, 404)


def test_a_move_changes_region_and_address(rig: Rig) -> None:
    household = rig.household()
    rig.post(f"/v1/households/{household}/moves", {"region": PAGERSARI, "address": "Dukuh Baru"})
    found = rig.latest(f"/v1/households/{household}").json()
    assert (found["region"], found["address"]) == (PAGERSARI, "Dukuh Baru")
    assert found["region"] != CURUGSEWU


def test_a_household_that_left_takes_no_more_than_corrections(rig: Rig) -> None:
    household = rig.household(enrolled=("sembako",))
    rig.post(f"/v1/households/{household}/leave", {"reason": "moved_abroad"})
    visit = {"purpose": "verification", "result": "done"}
    problem = rig.post(f"/v1/households/{household}/visits", visit, expect=409).json()
    assert (problem["code"], problem["state"], problem["action"]) == ("household-left", "left", "visit")


def test_enrolling_again_after_a_graduation_is_a_relapse(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    household = rig.household(facilitator, enrolled=("sembako",))
    graduation = rig.proposal(household, sari)
    rig.post(f"/v1/households/{household}/graduations/{graduation}/approve", who=OFFICER, expect=200)
    path = f"/v1/households/{household}/connection-declined"
    rig.post(path, {"reason": "self_sufficient"}, sari)
    rig.post(path, {"reason": "self_sufficient"}, sari, 200)
    rig.time.day = rig.time.day.replace(day=20)
    rig.post(f"/v1/households/{household}/enrolments", {"programme": "sembako"})
    (found,) = rig.latest(f"/v1/households/{household}").json()["graduations"]
    assert found["relapsed"] is True


def test_the_members_of_a_household_that_left_may_join_another(rig: Rig) -> None:
    body = registration()
    household = rig.post("/v1/households", body).json()["id"]
    again = {**registration(), "members": body["members"]}
    assert rig.post("/v1/households", again, expect=409).json()["code"] == "already-registered"
    rig.post(f"/v1/households/{household}/leave", {"reason": "merged"})
    other = rig.post("/v1/households", again).json()["id"]
    assert rig.post("/v1/households/lookup", {"nik": body["members"][0]["nik"]}, expect=200).json()["id"] == other
    assert rig.post("/v1/households/lookup", {"kk": body["kk"]}, expect=200).json()["id"] == household
    taken = {**registration(), "kk": body["kk"]}
    assert rig.post("/v1/households", taken, expect=409).json()["code"] == "already-registered"
