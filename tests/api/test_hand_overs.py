"""Who knows of a household when it is handed over."""

from tests.api.rig import OFFICER, Rig, new_key


def test_a_facilitator_whose_hand_over_was_undone_the_same_day_finds_nothing(rig: Rig) -> None:
    facilitator, _ = rig.facilitator()
    passed_over, joko = rig.facilitator()
    successor, dewi = rig.facilitator()
    household = rig.household(facilitator)
    for following in (passed_over, successor):
        rig.post(f"/v1/households/{household}/assignments", {"facilitator": following})
    path = f"/v1/households/{household}"
    assert rig.latest(path, dewi).json()["id"] == household
    rig.latest(path, joko, 404)
    rig.get(f"{path}/actions", joko, 404)
    assert rig.latest("/v1/households", joko).json()["items"] == []
    assert rig.latest("/v1/households", OFFICER, facilitator=passed_over).json()["items"] == []


def test_a_replay_is_for_those_who_may_still_know_of_the_record(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    successor, _ = rig.facilitator()
    home, key = rig.household(facilitator), new_key()
    path, visit = f"/v1/households/{home}/visits", {"purpose": "verification", "result": "done"}
    rig.post(path, visit, sari, Idempotency_Key=key)
    rig.post(f"/v1/households/{home}/assignments", {"facilitator": successor})
    rig.time.day = rig.time.day.replace(day=rig.time.day.day + 2)
    rig.post(path, visit, sari, 404, Idempotency_Key=key)
