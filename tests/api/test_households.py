"""Registering households, and finding them again."""

from uuid import uuid4

from tests.api.rig import (
    ANALYST,
    AUDITOR,
    CURUGSEWU,
    FAR_OFFICER,
    MINISTRY,
    OFFICER,
    PAGERSARI,
    Rig,
    a_member,
    identity,
    registration,
)


def test_a_registration_answers_with_id_position_version_and_where_to_look(rig: Rig) -> None:
    answer = rig.post("/v1/households", registration(members=[a_member(), a_member(head=False)]))
    done = answer.json()
    assert answer.headers["Location"] == f"/v1/households/{done['id']}"
    assert answer.headers["Rujukan-Position"] == str(done["position"])
    assert answer.headers["ETag"] == f'"{done["version"]}"'
    assert done["version"] == 3
    assert done["satisfied"] is False


def test_a_household_is_shown_with_its_personal_data_to_those_in_scope(rig: Rig) -> None:
    body = registration(members=[a_member(name="Siti Aminah")])
    done = rig.post("/v1/households", body).json()
    answer = rig.get(f"/v1/households/{done['id']}", OFFICER, after=done["position"])
    found = answer.json()
    assert answer.headers["ETag"] == '"2"'
    assert found["id"] == done["id"]
    assert found["kk"] == body["kk"]
    assert found["address"] == body["address"]
    assert found["head_name"] == "Siti Aminah"
    assert (found["region"], found["region_name"], found["status"]) == (CURUGSEWU, "Curugsewu", "registered")
    (member,) = found["members"]
    assert {name: member[name] for name in ("nik", "name", "birth_date", "head")} == body["members"][0]


def test_a_household_outside_the_scope_is_not_there(rig: Rig) -> None:
    household = rig.household()
    _, other = rig.facilitator()
    for who in (FAR_OFFICER, other):
        for path in ("", "/history", "/actions", "/assistance"):
            problem = rig.latest(f"/v1/households/{household}{path}", who, 404).json()
            assert problem["type"] == "/problems/not-found"
        assert rig.post(f"/v1/households/{household}/visits", {}, who, 422)
        visit = {"purpose": "verification", "result": "done"}
        rig.post(f"/v1/households/{household}/visits", visit, who, 404)


def test_what_a_facilitator_registered_is_seen_until_somebody_is_assigned(rig: Rig) -> None:
    registrar = identity("registrar-1", "facilitator")
    done = rig.post("/v1/households", registration(), registrar).json()
    path = f"/v1/households/{done['id']}"
    rig.latest(path, registrar)
    facilitator, follower = rig.facilitator()
    rig.post(f"{path}/assignments", {"facilitator": facilitator})
    rig.latest(path, registrar, 404)
    rig.latest(path, follower)


def test_households_are_listed_by_filter_and_page_by_page(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    made = sorted(rig.household(facilitator, enrolled=("sembako",)) for _ in range(5))
    moved = rig.household(region=PAGERSARI)
    pages, cursor = [], None
    while True:
        page = rig.latest("/v1/households", sari, limit=2, cursor=cursor).json()
        pages.append([item["id"] for item in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == [made[:2], made[2:4], made[4:]]
    assert [item["id"] for item in rig.latest("/v1/households", OFFICER, region=PAGERSARI).json()["items"]] == [moved]
    for query in ({"programme": "sembako"}, {"facilitator": facilitator}, {"status": "enrolled"}):
        assert [item["id"] for item in rig.latest("/v1/households", OFFICER, **query).json()["items"]] == made
    assert rig.latest("/v1/households", FAR_OFFICER).json() == {"items": [], "next_cursor": None}


def test_a_cursor_that_is_not_of_the_list_is_refused(rig: Rig) -> None:
    rig.household()
    rig.household()
    cursor = rig.latest("/v1/households", limit=1).json()["next_cursor"]
    for broken in ("x", cursor[:-2], cursor[::-1], "é", cursor + "A"):
        assert rig.get("/v1/households", expect=400, cursor=broken).json()["type"] == "/problems/cursor-invalid"
    assert rig.get("/v1/referrals", expect=400, cursor=cursor).json()["type"] == "/problems/cursor-invalid"


def test_a_household_is_looked_up_by_family_card_or_identity_number(rig: Rig) -> None:
    body = registration()
    household = rig.post("/v1/households", body).json()["id"]
    found = rig.post("/v1/households/lookup", {"kk": body["kk"]}, OFFICER, 200).json()
    assert found["id"] == household
    found = rig.post("/v1/households/lookup", {"nik": body["members"][0]["nik"]}, OFFICER, 200).json()
    assert found["id"] == household
    assert found["member_id"] == rig.latest(f"/v1/households/{household}").json()["members"][0]["id"]
    rig.post("/v1/households/lookup", {"kk": body["kk"]}, FAR_OFFICER, 404)
    rig.post("/v1/households/lookup", {"kk": "3324040101109999"}, OFFICER, 404)
    rig.post("/v1/households/lookup", {}, OFFICER, 422)
    rig.post("/v1/households/lookup", {"kk": body["kk"], "nik": body["kk"]}, OFFICER, 422)
    rig.post("/v1/households/lookup", {"kk": body["kk"]}, ANALYST, 403)


def test_the_history_tells_the_story_in_both_languages_and_without_personal_data(rig: Rig) -> None:
    body = registration(members=[a_member(name="Rahasia Sekali")])
    household = rig.post("/v1/households", body).json()["id"]
    rig.post(f"/v1/households/{household}/enrolments", {"programme": rig.programme("sembako")})
    for who in (OFFICER, AUDITOR):
        answer = rig.latest(f"/v1/households/{household}/history", who)
        told = answer.json()["items"]
        assert [event["topic"] for event in told] == [
            "household.registered.v1",
            "household.member_joined.v1",
            "household.enrolled.v1",
        ]
        assert all(event["id"] and event["en"] and event["logged_at"] for event in told)
        for secret in ("Rahasia Sekali", body["kk"], body["members"][0]["nik"], body["address"]):
            assert secret not in answer.text
    first = rig.latest(f"/v1/households/{household}/history", limit=1).json()
    rest = rig.latest(f"/v1/households/{household}/history", cursor=first["next_cursor"]).json()
    assert [event["topic"] for event in first["items"] + rest["items"]] == [event["topic"] for event in told]
    rig.latest(f"/v1/households/{uuid4()}/history", AUDITOR, 404)


def test_actions_are_those_that_the_table_allows_the_caller(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    household = rig.household(facilitator, enrolled=("sembako",))
    before = {action["action"] for action in rig.get(f"/v1/households/{household}/actions", sari).json()["actions"]}
    assert "propose-graduation" in before
    graduation = rig.proposal(household, sari)
    answer = rig.get(f"/v1/households/{household}/actions", sari)
    own = {action["action"] for action in answer.json()["actions"]}
    assert "withdraw-graduation" in own
    assert "approve-graduation" not in own
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    others = rig.get(f"/v1/households/{household}/actions", OFFICER).json()["actions"]
    assert {"graduation": graduation} in [a["subject"] for a in others if a["action"] == "approve-graduation"]


def test_erased_or_unknown_ids_are_not_found(rig: Rig) -> None:
    rig.get(f"/v1/households/{uuid4()}", MINISTRY, 404)
    rig.get("/v1/households/not-an-id", MINISTRY, 422)


def test_a_mistyped_number_is_a_fault_and_not_an_unregistered_family(own_rig: Rig) -> None:
    problem = own_rig.post("/v1/households/lookup", {"nik": "33"}, OFFICER, 422).json()
    assert (problem["type"], problem["field"]) == ("/problems/nik-format", "nik")
