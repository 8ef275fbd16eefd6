"""Programmes, agencies, services, facilitators and targets: set by administrators, read by all who may."""

from typing import Any

import pytest

from tests.api.rig import ADMINISTRATOR, ANALYST, AUDITOR, FAR_OFFICER, MINISTRY, OFFICER, Rig, identity

NOBODY = "2f0cbe30-8d43-4a4e-a6a0-2f3c6d4e5f60"
TERMS = {
    "code": "atensi",
    "name": "ATENSI",
    "cluster": "rehabilitation",
    "frequency": "yearly",
    "graduable": False,
    "relapse": False,
    "steps": 1,
}


def test_a_programme_is_defined_once_and_changed_by_new_rule_versions(rig: Rig) -> None:
    done = rig.post("/v1/programmes", TERMS, ADMINISTRATOR)
    assert done.json()["code"] == "atensi"
    assert done.headers["Location"] == "/v1/programmes/atensi"
    assert rig.post("/v1/programmes", TERMS, ADMINISTRATOR, 200).json()["satisfied"] is True
    rig.post("/v1/programmes", {**TERMS, "decile_limit": 4}, ADMINISTRATOR, If_Match=done.headers["ETag"])
    found = rig.latest("/v1/programmes/atensi", ANALYST).json()
    assert (found["rule_version"], found["decile_limit"], found["frequency"]) == (2, 4, "yearly")
    assert "atensi" in [row["code"] for row in rig.latest("/v1/programmes").json()]
    rig.latest("/v1/programmes/none", expect=404)


def test_agencies_and_services_are_published_changed_and_withdrawn(rig: Rig) -> None:
    agency, officer = rig.agency()
    service = rig.service(agency, regions=["33.24.04", "33.24.04.2007"], capacity=20, capacity_period="monthly")
    assert rig.latest(f"/v1/agencies/{agency}", officer).json()["kind"] == "philanthropy"
    assert agency in [row["id"] for row in rig.latest("/v1/agencies").json()]
    offer = {"name": "Modal", "kind": "capital", "regions": [], "response_days": 3, "graduates_only": True}
    rig.post(f"/v1/services/{service}", offer, ADMINISTRATOR, 200)
    assert rig.post(f"/v1/services/{service}", offer, ADMINISTRATOR, 200).json()["satisfied"] is True
    found = rig.latest(f"/v1/services/{service}", officer).json()
    assert {name: found[name] for name in offer} == offer
    assert (found["agency"], found["agency_name"], found["capacity"]) == (agency, "BAZNAS Kendal", None)

    def listed(**query: Any) -> bool:
        return service in [row["id"] for row in rig.latest("/v1/services", **query).json()]

    assert listed(agency=agency)
    assert listed(kind="capital", region="33.24.04.2007")
    assert not listed(kind="housing")
    rig.post(f"/v1/services/{service}/withdraw", who=ADMINISTRATOR, expect=200)
    assert rig.post(f"/v1/services/{service}", offer, ADMINISTRATOR, 409).json()["code"] == "service-withdrawn"
    assert not listed()
    assert listed(withdrawn=True)


def test_a_facilitator_is_appointed_plans_and_retires(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    path = f"/v1/facilitators/{facilitator}"
    plan = {"year": 2026, "measure": "graduations", "planned": 12}
    rig.post(f"{path}/plans", plan, sari)
    assert rig.post(f"{path}/plans", plan, sari, 200).json()["satisfied"] is True
    found = rig.latest(path, sari).json()
    assert (found["name"], found["region_name"]) == ("Sri Wahyuni", "Patean")
    assert found["plans"] == [{**plan, "on": "2026-06-15"}]
    _, joko = rig.facilitator()
    rig.post(f"{path}/plans", plan, joko, 404)
    rig.latest(path, joko, 404)
    rig.latest(path, FAR_OFFICER, 404)
    rig.latest(path, ANALYST, 403)
    rig.post(f"{path}/retire", who=ADMINISTRATOR, expect=200)
    assert rig.post(f"{path}/plans", {**plan, "planned": 1}, sari, 409).json()["code"] == "facilitator-retired"
    household = rig.household()
    problem = rig.post(f"/v1/households/{household}/assignments", {"facilitator": facilitator}, expect=422).json()
    assert problem["code"] == "facilitator-retired"


def test_facilitators_are_listed_within_the_scope(own_rig: Rig) -> None:
    rig = own_rig
    made = sorted([rig.facilitator(), rig.facilitator(), rig.facilitator()])
    first = rig.latest("/v1/facilitators", OFFICER, limit=2).json()
    rest = rig.latest("/v1/facilitators", OFFICER, limit=2, cursor=first["next_cursor"]).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == [found for found, _ in made]
    for facilitator, who in made:
        assert [row["id"] for row in rig.latest("/v1/facilitators", who).json()["items"]] == [facilitator]
    assert rig.latest("/v1/facilitators", FAR_OFFICER).json()["items"] == []
    assert len(rig.latest("/v1/facilitators", ADMINISTRATOR, region="33.24", pillar="pkh").json()["items"]) == 3
    assert rig.latest("/v1/facilitators", ADMINISTRATOR, pillar="psm").json()["items"] == []


def test_a_caseload_and_its_candidates_with_reasons(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    ready = rig.household(facilitator, enrolled=("sembako",))
    other = rig.household(facilitator, enrolled=("sembako",))
    finding = {"has_business": True, "income_band": "over_5m", "criteria": ["savings"]}
    rig.post(f"/v1/households/{ready}/assessments", finding, sari)
    path = f"/v1/facilitators/{facilitator}"
    cases = rig.latest(f"{path}/caseload", sari).json()
    assert {case["household"] for case in cases} == {ready, other}
    assert {case["head_name"] for case in cases} == {"Suparti"}
    (candidate,) = rig.latest(f"{path}/candidates", OFFICER).json()
    assert (candidate["household"], candidate["rank"], candidate["graduable"]) == (ready, 1, ["sembako"])
    assert [reason["code"] for reason in candidate["reasons"]] == ["has_business", "income_over_5m", "savings"]
    assert all(reason["id"] and reason["en"] and reason["points"] for reason in candidate["reasons"])
    rig.proposal(ready, sari)
    assert rig.latest(f"{path}/candidates", sari).json() == []
    for who, status in ((FAR_OFFICER, 404), (rig.facilitator()[1], 404), (ADMINISTRATOR, 403), (AUDITOR, 403)):
        for what in ("caseload", "candidates"):
            rig.latest(f"{path}/{what}", who, status)


def test_a_regional_officer_sees_the_households_of_the_region_alone(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    rig.household(facilitator)
    moved = rig.household(facilitator)
    rig.post(f"/v1/households/{moved}/moves", {"region": "33.74.01.1001", "address": "Semarang"})
    path = f"/v1/facilitators/{facilitator}/caseload"
    assert len(rig.latest(path, sari).json()) == 2
    assert moved not in [case["household"] for case in rig.latest(path, OFFICER).json()]


def test_a_target_is_set_in_revisions(rig: Rig) -> None:
    target = {"year": 2029, "pillar": "tksk", "measure": "graduations", "minimum": 5}
    done = rig.post("/v1/targets", target, ADMINISTRATOR).json()
    assert (done["year"], done["pillar"], done["measure"]) == ("2029", "tksk", "graduations")
    assert rig.post("/v1/targets", target, ADMINISTRATOR, 200).json()["satisfied"] is True
    rig.post("/v1/targets", {**target, "minimum": 8, "kinds": ["natural", "independent"]}, ADMINISTRATOR)
    (found,) = rig.latest("/v1/targets", year=2029).json()
    assert (found["minimum"], found["revision"], found["kinds"]) == (8, 2, ["independent", "natural"])
    body = {**target, "measure": "visits", "kinds": ["natural"]}
    assert rig.post("/v1/targets", body, ADMINISTRATOR, 422).json()["code"] == "kinds"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/programmes", TERMS),
        ("/v1/agencies", {"name": "X", "kind": "ministry"}),
        ("/v1/services", {"agency": NOBODY, "name": "X", "kind": "health", "response_days": 1}),
        ("/v1/facilitators", {"name": "X", "pillar": "pkh", "region": "33"}),
        ("/v1/targets", {"year": 2030, "pillar": "pkh", "measure": "visits", "minimum": 1}),
    ],
)  # fmt: skip
def test_directories_are_set_by_administrators_alone(rig: Rig, path: str, body: dict[str, Any]) -> None:
    agent = identity("a", "agency_system", NOBODY)
    before = rig.count_events()
    for who in (MINISTRY, OFFICER, ANALYST, AUDITOR, rig.facilitator()[1], agent):
        assert rig.post(path, body, who, 403).json()["type"] == "/problems/forbidden"
    assert rig.count_events() == before + 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"steps": 3}, "steps"), ({"steps": 0}, "steps"), ({"decile_limit": 11}, "decile_limit"), ({"code": "!"}, "code"),
     ({"frequency": "often"}, "frequency"), ({"graduable": 1}, "graduable"), ({"name": ""}, "name"),
     ({"on": "2026-06-16"}, "on")], ids=str,
)  # fmt: skip
def test_faulty_terms_are_refused(rig: Rig, change: dict[str, Any], field: str) -> None:
    assert rig.post("/v1/programmes", {**TERMS, **change}, ADMINISTRATOR, 422).json()["field"] == field


def test_a_service_names_a_known_agency_and_known_regions(rig: Rig) -> None:
    agency, _ = rig.agency()
    body = {"agency": agency, "name": "X", "kind": "health", "response_days": 1, "regions": ["33", "99.99"]}
    problem = rig.post("/v1/services", body, ADMINISTRATOR, 422).json()
    assert (problem["code"], problem["field"]) == ("unknown-region", "regions.1")
    body = {**body, "regions": [], "agency": rig.household()}
    assert rig.post("/v1/services", body, ADMINISTRATOR, 422).json()["code"] == "unknown-agency"
