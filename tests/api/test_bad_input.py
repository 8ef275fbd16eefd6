"""What is wrong in what was asked: a clear problem, and nothing stored but the refusal where one is kept."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.api.rig import (
    ADMINISTRATOR,
    ELSEWHERE,
    FAR_OFFICER,
    MINISTRY,
    OFFICER,
    Rig,
    a_member,
    need,
    new_kk,
    new_nik,
    registration,
)
from tests.api.test_household_life import PAYMENT


@contextmanager
def nothing_stored(rig: Rig) -> Iterator[None]:
    before = rig.count_events()
    yield
    assert rig.count_events() == before


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"region": "33.24.04.9999"}, "unknown-region", "region"),
        ({"region": "33.24.04"}, "region-not-village", "region"),
        ({"kk": "33240401011"}, "kk-format", "kk"),
        ({"kk": "9924040101100001"}, "kk-province", "kk"),
        ({"kk": "3324040101100000"}, "kk-serial", "kk"),
        ({"members": []}, "no-members", "members"),
        ({"members": [a_member(), a_member()]}, "one-head", "members"),
        ({"members": [a_member(head=False)]}, "one-head", "members"),
        ({"members": [a_member(nik="33240401019")]}, "nik-format", "members.0.nik"),
        ({"members": [a_member(nik="332404010190000A")]}, "nik-format", "members.0.nik"),
        ({"members": [a_member(nik="3324043213900001")]}, "nik-birth-date", "members.0.nik"),
        ({"members": [a_member(birth_date="2027-01-01")]}, "future-date", "members.0.birth_date"),
        ({"on": "2026-06-16"}, "future-date", "on"),
        ({"on": "2026-02-30"}, "invalid", "on"),
        ({"on": "1066-10-14"}, "invalid", "on"),
        ({"on": 20260615}, "invalid", "on"),
        ({"on": "2026-06-15T00:00:00"}, "invalid", "on"),
        ({"kk": 3324040101100001}, "invalid", "kk"),
        ({"address": "   "}, "invalid", "address"),
        ({"address": "x" * 501}, "invalid", "address"),
        ({"phone": "0812"}, "invalid", "phone"),
        ({"members": [a_member(head="yes")]}, "invalid", "members.0.head"),
        ({"members": {}}, "invalid", "members"),
        ({"address": "a\x1b[2Jb"}, "invalid", "address"),
        ({"address": "a\rb"}, "invalid", "address"),
        ({"members": [a_member(name="a\x9bb")]}, "invalid", "members.0.name"),
        ({"address": "a\x00b"}, "text-not-storable", None),
        ({"a\x00b": 1}, "text-not-storable", None),
    ],
    ids=str,
)  # fmt: skip
def test_a_faulty_registration_names_the_field(rig: Rig, change: dict[str, Any], code: str, field: str | None) -> None:
    with nothing_stored(rig):
        problem = rig.post("/v1/households", registration(**change), expect=422).json()
    assert (problem["code"], problem.get("field")) == (code, field)
    assert problem["type"] == f"/problems/{code}"


def test_a_note_may_have_lines_and_tabs_and_nothing_that_steers_a_terminal(rig: Rig) -> None:
    path = f"/v1/households/{rig.household()}/visits"
    visit = {"purpose": "verification", "result": "done"}
    rig.post(path, {**visit, "note": "Rumah kontrakan:\n\tdua kamar"})
    for steering in ("\x07", "\x1b[31m", "\x7f", "\r"):
        problem = rig.post(path, {**visit, "note": f"a{steering}b"}, expect=422).json()
        assert problem["field"] == "note"


def test_the_same_person_twice_in_one_registration_is_named(rig: Rig) -> None:
    nik = new_nik()
    body = registration(members=[a_member(nik=nik), a_member(nik=nik, head=False)])
    problem = rig.post("/v1/households", body, expect=422).json()
    assert (problem["code"], problem["field"]) == ("nik-repeated", "members.1.nik")


def test_problems_never_repeat_what_was_sent(rig: Rig) -> None:
    secret = "3324049901900777"
    for change in (
        {"kk": secret + "1"}, {"region": secret}, {"on": secret}, {secret: secret}, {"members": [a_member(nik=secret)]},
        {"members": [{secret: secret}]}, {"members": secret}, {"address": {"x": secret}},
    ):  # fmt: skip
        answer = rig.post("/v1/households", registration(**change), expect=422)
        assert secret not in answer.text
    assert secret not in rig.get(f"/v1/households/{secret}", expect=422).text
    assert secret not in rig.get("/v1/households", expect=422, facilitator=secret).text
    assert secret not in rig.get("/v1/households", expect=422, nik=secret).text


def test_a_family_card_registered_twice_is_told_apart_by_scope(rig: Rig) -> None:
    body = registration()
    household = rig.post("/v1/households", body).json()["id"]
    with nothing_stored(rig):
        seen = rig.post("/v1/households", registration(kk=body["kk"]), OFFICER, 409).json()
        assert (seen["code"], seen["household"]) == ("already-registered", household)
        unseen = rig.post("/v1/households", registration(kk=body["kk"], region=ELSEWHERE), FAR_OFFICER, 409).json()
        assert unseen["code"] == "already-registered"
        assert "household" not in unseen
        again = rig.post("/v1/households", registration(members=body["members"]), OFFICER, 409).json()
        assert again["code"] == "already-registered"


def test_of_sixteen_callers_at_once_one_registers_the_family(rig: Rig) -> None:
    kk = new_kk()
    bodies = [registration(kk=kk) for _ in range(16)]
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda body: rig.post("/v1/households", body, expect=None), bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    (won,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert {a.json()["household"] for a in answers if a.status_code == 409} == {won}


def test_a_payment_for_a_household_not_enrolled_is_refused_and_the_refusal_kept(rig: Rig) -> None:
    rig.programme("sembako")
    household = rig.household()
    with nothing_stored(rig):
        problem = rig.post(f"/v1/households/{household}/assistance", PAYMENT, OFFICER, 409).json()
    assert (problem["code"], problem["state"], problem["action"]) == ("not-enrolled", "registered", "assist")
    assert "enrol" in problem["allowed"]
    (kept,) = rig.refusals(household)
    assert (kept["code"], kept["action"], kept["actor"]) == ("not-enrolled", "assist", "officer-1")


def test_the_same_payment_with_another_amount_is_a_conflict(rig: Rig) -> None:
    household = rig.household(enrolled=("sembako",))
    path = f"/v1/households/{household}/assistance"
    rig.post(path, PAYMENT)
    with nothing_stored(rig):
        assert rig.post(path, {**PAYMENT, "amount": 1}, expect=409).json()["code"] == "payment-conflict"
        for change in ({"period": "2026-01"}, {"period": "2026-Q5"}, {"amount": 10**30}, {"amount": 1.5}):
            rig.post(path, {**PAYMENT, "reference": "SP2D-78", **change}, expect=422)
    assert rig.refusals(household) == []


def proposals(change: dict[str, Any]) -> Callable[[Rig, str], dict[str, Any]]:
    def send(rig: Rig, household: str) -> dict[str, Any]:
        body = {"kind": "natural", "programmes": ["sembako"], "evidence": ["home_visit"], **change}
        found: dict[str, Any] = rig.post(f"/v1/households/{household}/graduations", body, OFFICER, None).json()
        return found

    return send


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        (proposals({"evidence": []}), 422, "no-evidence"),
        (proposals({"own_request": True}), 422, "statement-missing"),
        (proposals({"programmes": []}), 422, "no-programmes"),
        (proposals({"programmes": ["no_such"]}), 422, "unknown-programme"),
        (proposals({"programmes": ["pkh"]}), 409, "not-enrolled"),
        (proposals({"programmes": ["pena"]}), 409, "not-graduable"),
        (proposals({"kind": "sudden"}), 422, "invalid"),
        (proposals({"on": "2024-12-31"}), 422, "before-registration"),
        (proposals({"on": "2026-06-16"}), 422, "future-date"),
    ],
)
def test_a_faulty_proposal_is_refused(rig: Rig, send: Any, status: int, code: str) -> None:
    rig.programme("pkh", steps=2)
    rig.programme("pena", graduable=False, relapse=False, cluster="empowerment")
    household = rig.household(enrolled=("sembako",))
    with nothing_stored(rig):
        problem = send(rig, household)
    assert (problem["status"], problem["code"]) == (status, code)
    assert len(rig.refusals(household)) == (1 if code == "not-enrolled" else 0)


def test_nobody_approves_the_own_proposal(rig: Rig) -> None:
    household = rig.household(enrolled=("sembako",))
    graduation = rig.proposal(household, OFFICER)
    path = f"/v1/households/{household}/graduations/{graduation}/approve"
    with nothing_stored(rig):
        problem = rig.post(path, who=OFFICER, expect=409).json()
    assert (problem["code"], problem["state"]) == ("own-proposal", "enrolled/proposed")
    assert [kept["code"] for kept in rig.refusals(household)] == ["own-proposal"]
    rig.post(path, who=MINISTRY, expect=200)


def test_a_second_graduation_from_the_same_programme_in_the_year_is_refused(rig: Rig) -> None:
    household = rig.household(enrolled=("sembako",))
    graduation = rig.proposal(household, OFFICER, on="2026-03-01")
    rig.post(f"/v1/households/{household}/graduations/{graduation}/approve", {"on": "2026-03-02"}, expect=200)
    rig.post(f"/v1/households/{household}/enrolments", {"programme": "sembako", "on": "2026-05-01"})
    with nothing_stored(rig):
        problem = proposals({})(rig, household)
    assert (problem["status"], problem["code"]) == (409, "graduated-this-year")
    rig.post(
        f"/v1/households/{household}/graduations/{graduation}/revoke", {"reason": "determined_in_error"}, expect=200
    )
    rig.proposal(household, OFFICER)


def test_a_referral_to_a_withdrawn_service_or_outside_its_regions_is_refused(rig: Rig) -> None:
    agency, _ = rig.agency()
    household = rig.household()
    withdrawn, elsewhere = rig.service(agency), rig.service(agency, regions=["33.74"])
    rig.post(f"/v1/services/{withdrawn}/withdraw", who=ADMINISTRATOR, expect=200)
    path = f"/v1/households/{household}/referrals"
    with nothing_stored(rig):
        assert rig.post(path, need(withdrawn), expect=409).json()["code"] == "service-withdrawn"
        assert rig.post(path, need(elsewhere), expect=422).json()["code"] == "outside-service-regions"
        assert rig.post(path, need(household), expect=422).json()["code"] == "unknown-service"
        assert rig.post(path, need(withdrawn, legal_basis="habit"), expect=422).json()["field"] == "legal_basis"
        assert rig.post(path, need(withdrawn, need=""), expect=422).json()["field"] == "need"


def test_an_illegal_transition_tells_state_action_and_what_is_allowed(rig: Rig) -> None:
    agency, officer = rig.agency()
    referral = rig.referral(rig.household(), rig.service(agency))
    with nothing_stored(rig):
        problem = rig.post(f"/v1/referrals/{referral}/start", who=officer, expect=409).json()
    assert (problem["code"], problem["state"], problem["action"]) == ("illegal-transition", "sent", "start")
    assert set(problem["allowed"]) == {"received", "request-information", "accept", "decline"}
    (kept,) = rig.refusals(referral)
    assert (kept["kind"], kept["state"], kept["action"], kept["allowed"]) == (
        "referral", "sent", "start", problem["allowed"]
    )  # fmt: skip


def test_a_date_before_the_registration_is_refused(rig: Rig) -> None:
    household = rig.household()
    visit = {"purpose": "verification", "result": "done", "on": "2024-12-31"}
    problem = rig.post(f"/v1/households/{household}/visits", visit, expect=422).json()
    assert (problem["code"], problem["field"]) == ("before-registration", "on")


def test_an_unknown_query_parameter_is_not_passed_over(rig: Rig) -> None:
    assert rig.get("/v1/graduations", expect=422, knownat="2026-01-01").json()["code"] == "unknown-parameter"
    answer = rig.client.get("/v1/graduations?year=2025&year=2026", headers=MINISTRY)
    assert (answer.status_code, answer.json()["code"]) == (422, "repeated-parameter")
    assert rig.get("/v1/refusals", MINISTRY, 422, code="a\x00b").json()["code"] == "text-not-storable"
    for query in (
        {"limit": 0},
        {"limit": 501},
        {"limit": 10**30},
        {"after": -1},
        {"after": 10**30},
        {"status": "gone"},
    ):
        rig.get("/v1/households", expect=422, **query)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_another_method_is_a_problem_too(rig: Rig, method: str) -> None:
    answer = rig.client.request(method, "/v1/households", headers=MINISTRY)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")


def test_an_unknown_path_is_a_problem_too(rig: Rig) -> None:
    answer = rig.get("/v1/nothing", expect=404)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/not-found"
