"""The steps of a graduation, and what is counted, now and as known before."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.api.rig import (
    ADMINISTRATOR,
    ANALYST,
    AUDITOR,
    CURUGSEWU,
    FAR_OFFICER,
    MINISTRY,
    OFFICER,
    PAGERSARI,
    Rig,
    identity,
)


def graduated(
    rig: Rig, facilitator: str, sari: dict[str, str], kind: str = "independent", region: str = CURUGSEWU
) -> tuple[str, str]:
    household = rig.household(facilitator, enrolled=("sembako",), region=region)
    graduation = rig.proposal(household, sari, kind=kind)
    rig.post(f"/v1/households/{household}/graduations/{graduation}/approve", who=OFFICER, expect=200)
    return household, graduation


def test_a_proposal_goes_back_once_and_is_made_again_under_its_id(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    rig.programme("pkh", steps=2)
    household = rig.household(facilitator, enrolled=("pkh",))
    path = f"/v1/households/{household}/graduations"
    graduation = rig.proposal(household, sari, "pkh", note="Warung maju")
    rig.post(f"{path}/{graduation}/return", {"reason": "visit_needed", "note": "Kunjungi lagi"}, OFFICER, 200)
    (waiting,) = rig.latest("/v1/graduations/proposals", sari).json()["items"]
    assert (waiting["stage"], waiting["who"], waiting["return_reason"]) == ("returned", "proposer", "visit_needed")
    assert (waiting["note"], waiting["return_note"]) == ("Warung maju", "Kunjungi lagi")
    assert rig.proposal(household, sari, "pkh", evidence=["home_visit", "village_letter"]) == graduation
    assert rig.post(f"{path}/{graduation}/approve", expect=409).json()["code"] == "not-verified"
    done = rig.post(f"{path}/{graduation}/verify", who=OFFICER, expect=200).json()
    assert done["graduation_id"] == graduation
    rig.post(f"{path}/{graduation}/approve", who=MINISTRY, expect=200)
    found = rig.latest(f"/v1/households/{household}", sari).json()
    assert (found["status"], found["proposal"]) == ("graduated", None)
    rig.post(f"{path}/{graduation}/revoke", {"reason": "appeal_upheld", "note": "Banding"}, MINISTRY, 200)
    assert rig.latest(f"/v1/households/{household}", sari).json()["programmes"] == ["pkh"]


def test_a_proposal_is_rejected_or_withdrawn(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    household = rig.household(facilitator, enrolled=("sembako",))
    path = f"/v1/households/{household}/graduations"
    first = rig.proposal(household, sari)
    assert rig.post(f"{path}/{first}/withdraw", who=OFFICER, expect=409).json()["code"] == "not-proposer"
    rig.post(f"{path}/{first}/withdraw", who=sari, expect=200)
    rig.post(f"{path}/{first}/withdraw", who=sari, expect=200)
    second = rig.proposal(household, sari)
    assert rig.post(f"{path}/{second}/reject", {"reason": "still_eligible"}, sari, 403).json()["code"] == "forbidden"
    rig.post(f"{path}/{second}/reject", {"reason": "still_eligible", "note": "Belum"}, OFFICER, 200)
    assert rig.latest("/v1/graduations/proposals", sari).json()["items"] == []


def test_waiting_proposals_are_listed_by_scope_and_page(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    made = sorted(rig.proposal(rig.household(facilitator, enrolled=("sembako",)), sari) for _ in range(3))
    first = rig.latest("/v1/graduations/proposals", OFFICER, limit=2).json()
    rest = rig.latest("/v1/graduations/proposals", OFFICER, limit=2, cursor=first["next_cursor"]).json()
    assert [p["graduation"] for p in first["items"] + rest["items"]] == made
    assert rest["next_cursor"] is None
    assert rig.latest("/v1/graduations/proposals", FAR_OFFICER).json()["items"] == []
    assert len(rig.latest("/v1/graduations/proposals", facilitator=facilitator).json()["items"]) == 3
    assert rig.latest("/v1/graduations/proposals", region="33.24.05").json()["items"] == []


def test_a_count_is_known_before_and_after_a_revocation(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    graduated(rig, facilitator, sari, "natural")
    household, graduation = graduated(rig, facilitator, sari)
    before = rig.count_events()
    path = f"/v1/households/{household}/graduations/{graduation}/revoke"
    rig.post(path, {"reason": "determined_in_error"}, MINISTRY, 200)

    def count(**query: Any) -> tuple[int, int, int, int]:
        found = rig.get("/v1/graduations", ANALYST, **query).json()
        (row,) = found["rows"]
        return found["position"], row["count"], row["natural"], row["independent"]

    assert count() == (before + 1, 1, 1, 0)
    assert count(known_at=before) == (before, 2, 1, 1)
    assert count(known_at=0) == (0, 0, 0, 0)
    assert count(known_at="2020-01-01") == (0, 0, 0, 0)
    moment = rig.get("/v1/audit/log", AUDITOR, after=before - 1, limit=1).json()["items"][0]["logged_at"]
    assert count(known_at=moment) == (before, 2, 1, 1)
    assert count(year=2025) == (before + 1, 0, 0, 0)
    assert count(as_of="2026-06-14") == (before + 1, 0, 0, 0)
    assert count(kind="independent", known_at=before) == (before, 1, 0, 1)
    assert count(month=6) == (before + 1, 1, 1, 0)
    answer = rig.get("/v1/graduations", known_at=before).json()
    assert (answer["known_at"], answer["as_of"], answer["year"]) == (str(before), "2026-06-15", 2026)
    assert "known_at" not in rig.get("/v1/graduations").json()


def test_durability_is_judged_as_of_a_date(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    graduated(rig, facilitator, sari)
    rig.time.day += timedelta(days=400)
    for as_of, pending, durable in (("2027-06-14", 1, 0), ("2027-06-15", 0, 1)):
        (row,) = rig.get("/v1/graduations", year=2026, as_of=as_of).json()["rows"]
        assert (row["pending"], row["durable"]) == (pending, durable)


def test_counts_are_grouped_by_every_key_and_show_the_target(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    graduated(rig, facilitator, sari)
    target = {"year": 2026, "pillar": "pkh", "measure": "graduations", "minimum": 10}
    rig.post("/v1/targets", target, ADMINISTRATOR)
    (row,) = rig.get("/v1/graduations", MINISTRY, by="facilitator").json()["rows"]
    assert (row["facilitator"], row["name"], row["target"], row["remaining"]) == (facilitator, "Sri Wahyuni", 10, 9)
    (row,) = rig.get("/v1/graduations", ANALYST, by="facilitator").json()["rows"]
    assert row["name"] is None
    for level, code, name in (("province", "33", "Jawa Tengah"), ("regency", "33.24", "Kabupaten Kendal")):
        (row,) = rig.get("/v1/graduations", MINISTRY, by="region", level=level).json()["rows"]
        assert (row["region"], row["name"], row["count"]) == (code, name, 1)
    for by in ("kind", "pillar", "programme", "month"):
        rows = rig.get("/v1/graduations", MINISTRY, by=by).json()["rows"]
        assert sum(row["count"] for row in rows) == 1
        assert all(row.get(by) is not None for row in rows)


def test_each_role_counts_within_its_scope(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    other, joko = rig.facilitator()
    graduated(rig, facilitator, sari)

    def count(who: dict[str, str]) -> int:
        return sum(row["count"] for row in rig.get("/v1/graduations", who).json()["rows"])

    assert [count(who) for who in (sari, joko, OFFICER, FAR_OFFICER, MINISTRY, ANALYST, AUDITOR)] == [
        1, 0, 1, 0, 1, 1, 1,
    ]  # fmt: skip
    agency = identity("agent", "agency_officer", other)
    for who in (ADMINISTRATOR, agency):
        rig.get("/v1/graduations", who, 403)


@pytest.mark.parametrize(
    "known_at", ["soon", "-1", "1e3", "2026-02-30", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "", "9" * 30]
)
def test_a_malformed_known_at_is_refused(rig: Rig, known_at: str) -> None:
    assert rig.get("/v1/graduations", expect=400, known_at=known_at).json()["code"] == "malformed-known-at"


def test_a_position_beyond_the_log_is_not_known(rig: Rig) -> None:
    problem = rig.get("/v1/graduations", expect=400, known_at=rig.count_events() + 1).json()
    assert (problem["code"], problem["field"]) == ("position-beyond-log", "known_at")


@pytest.mark.parametrize(
    "moment", ["2026-03-31", "2026-03-31T17:00:00Z", "2026-03-31t17:00:00z", "2026-03-31T17:00:00.5+07:00"]
)
def test_a_date_or_moment_is_resolved_to_a_position(rig: Rig, moment: str) -> None:
    answer = rig.get("/v1/graduations", known_at=moment).json()
    assert (answer["known_at"], answer["position"]) == (moment, 0)


def test_a_plus_that_was_not_encoded_is_understood(rig: Rig) -> None:
    answer = rig.client.get("/v1/graduations?known_at=2026-03-31T17:00:00+07:00", headers=MINISTRY)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "query", [{"by": "weather"}, {"level": "street"}, {"month": 13}, {"year": 1999}, {"year": 10**20}, {"as_of": "x"},
              {"kind": "x"}, {"region": "33.2"}, {"facilitator": "x"}, {"programme": "X!"}], ids=str,
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_invalid(rig: Rig, query: dict[str, Any]) -> None:
    rig.get("/v1/graduations", expect=422, **query)


def test_a_revocation_leaves_a_later_graduation_from_the_programme_in_force(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    household = rig.household(facilitator, enrolled=("sembako",))
    path = f"/v1/households/{household}/graduations"
    first = rig.proposal(household, sari, on="2025-03-01")
    rig.post(f"{path}/{first}/approve", {"on": "2025-03-01"}, OFFICER, 200)
    rig.post(f"/v1/households/{household}/enrolments", {"programme": "sembako", "on": "2025-09-01"})
    second = rig.proposal(household, sari, on="2026-02-01")
    rig.post(f"{path}/{second}/approve", {"on": "2026-02-01"}, OFFICER, 200)

    def in_force() -> list[Any]:
        case = rig.latest(f"/v1/facilitators/{facilitator}/caseload", sari).json()[0]
        return [rig.latest(f"/v1/households/{household}", sari).json()["programmes"], case["programmes"]]

    rig.post(f"{path}/{first}/revoke", {"reason": "appeal_upheld"}, MINISTRY, 200)
    assert in_force() == [[], []]
    rig.post(f"{path}/{second}/revoke", {"reason": "appeal_upheld"}, MINISTRY, 200)
    assert in_force() == [["sembako"], ["sembako"]]


def test_an_analyst_sees_no_count_of_one_facilitator(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    graduated(rig, facilitator, sari)
    for query in ({"by": "facilitator"}, {"facilitator": facilitator}):
        (row,) = rig.latest("/v1/graduations", ANALYST, **query).json()["rows"]
        assert (row["withheld"], row["count"], row["independent"], row["remaining"]) == (True, None, None, None)
        (row,) = rig.get("/v1/graduations", MINISTRY, **query).json()["rows"]
        assert (row["withheld"], row["count"]) == (False, 1)


def test_an_analyst_sees_areas_of_a_closed_year_as_known_when_it_was_closed(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    for village, many in ((CURUGSEWU, 7), (PAGERSARI, 6), ("33.24.05.2001", 5)):
        for _ in range(many):
            graduated(rig, facilitator, sari, region=village)

    def seen(**asked: Any) -> dict[Any, Any]:
        answer = rig.latest("/v1/graduations", ANALYST, **{"year": 2026, "by": "region", "level": "village", **asked})
        return {row["region"]: row["count"] for row in answer.json()["rows"]}

    end = rig.count_events()
    assert seen() == {}
    rig.time.day = date(2027, 3, 31)
    assert not any(seen().values())
    rig.time.day = date(2027, 4, 1)
    assert seen() == {CURUGSEWU: 7, None: None}
    assert seen(level="subdistrict") == {"33.24.04": 13, None: None}
    assert rig.get("/v1/graduations", ANALYST, year=2026, region=CURUGSEWU).json()["position"] == end
    for fine in ({"known_at": end}, {"as_of": "2027-01-31"}, {"month": 6}, {"kind": "independent"}):
        assert not any(seen(**fine).values()), fine
    assert seen(level="regency") == {"33.24": 18}


def test_a_mistyped_filter_is_told_and_not_counted_as_nobody(own_rig: Rig) -> None:
    rig = own_rig
    for query, code in (
        ({"programme": "pkhh"}, "unknown-programme"),
        ({"region": "99"}, "unknown-region"),
        ({"level": "village"}, "level-without-region"),
    ):
        problem = rig.get("/v1/graduations", MINISTRY, 422, **query).json()
        assert problem["type"] == f"/problems/{code}"
