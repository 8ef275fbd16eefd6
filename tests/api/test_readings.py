"""Who reads personal data is recorded: whom, which fields and for what, before the answer is given."""

from collections import Counter
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from api.services import Reading
from domain.values import Actor, Role
from tests.api.rig import AUDITOR, FAR_OFFICER, MINISTRY, OFFICER, Rig, new_nik

Row = dict[str, Any]


def read_of(rig: Rig, household: str, **asked: Any) -> list[Row]:
    """All readings of a household, the earliest first."""
    rows: list[Row] = rig.get("/v1/audit/readings", AUDITOR, household=household, **asked).json()["items"]
    return rows[::-1]


def told(rows: list[Row]) -> list[tuple[str, str, list[str]]]:
    return [(row["actor"], row["why"], row["fields"]) for row in rows]


def test_who_reads_a_household_is_recorded_for_it_and_for_each_member(rig: Rig) -> None:
    household = rig.household()
    members = rig.latest(f"/v1/households/{household}").json()["members"]
    rows = read_of(rig, household)
    assert {row["member"]: row["fields"] for row in rows} == {
        None: ["address", "kk"],
        **{member["id"]: ["birth_date", "name", "nik"] for member in members},
    }
    assert {(row["actor"], row["role"], row["scope"], row["why"]) for row in rows} == {
        ("ministry-1", "programme_officer", "", "household")
    }
    assert read_of(rig, household, member=members[0]["id"]) == [r for r in rows if r["member"] is not None]


def test_a_list_records_each_family_that_it_shows_and_no_other(own_rig: Rig) -> None:
    households = [own_rig.household() for _ in range(3)]
    shown = own_rig.latest("/v1/households", OFFICER, limit=2).json()["items"]
    assert len(shown) == 2
    for household in households:
        expected = [("officer-1", "household-list", ["name"])] if household in {s["id"] for s in shown} else []
        assert told(read_of(own_rig, household)) == expected


def test_every_answer_with_personal_data_is_recorded_under_its_question(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    agency, agent = rig.agency()
    household = rig.household(facilitator, enrolled=("sembako",))
    finding = {"has_business": True, "income_band": "over_5m", "criteria": ["savings"]}
    rig.post(f"/v1/households/{household}/assessments", finding, sari)
    referral = rig.referral(household, rig.service(agency), sari)
    rig.latest(f"/v1/facilitators/{facilitator}/caseload", sari)
    rig.latest(f"/v1/facilitators/{facilitator}/candidates", sari)
    rig.proposal(household, sari, note="Sudah berusaha")
    rig.latest("/v1/graduations/proposals", OFFICER)
    rig.latest(f"/v1/referrals/{referral}", agent)
    by = Counter((row["why"], tuple(row["fields"])) for row in read_of(rig, household))
    assert set(by) >= {
        ("caseload", ("name",)),
        ("candidates", ("name",)),
        ("proposals", ("note",)),
    }
    assert [fields for why, fields in by if why == "referral" and "need" in fields]


def test_a_look_up_that_finds_a_family_is_recorded_and_one_that_does_not_tells_nothing(rig: Rig) -> None:
    nik = new_nik()
    household = rig.household(members=[{"nik": nik, "name": "Siti", "birth_date": "1990-01-01", "head": True}])
    rig.post("/v1/households/lookup", {"nik": nik}, OFFICER, expect=200)
    rig.post("/v1/households/lookup", {"nik": nik}, FAR_OFFICER, expect=404)
    assert told(read_of(rig, household)) == [("officer-1", "look-up", ["nik"])]


def test_what_shows_nothing_personal_and_what_is_not_found_record_nothing(rig: Rig) -> None:
    household = rig.household()
    for path in ("history", "actions", "assistance"):
        rig.latest(f"/v1/households/{household}/{path}")
    rig.latest("/v1/follow-up")
    rig.latest(f"/v1/households/{household}", FAR_OFFICER, expect=404)
    assert read_of(rig, household) == []


def test_only_the_auditor_sees_readings_page_by_page(own_rig: Rig) -> None:
    household = own_rig.household()
    own_rig.get("/v1/audit/readings", MINISTRY, expect=403)
    for _ in range(3):
        own_rig.latest(f"/v1/households/{household}", OFFICER)
    seen: list[int] = []
    cursor = None
    while True:
        page = own_rig.get("/v1/audit/readings", AUDITOR, by="officer-1", limit=2, cursor=cursor).json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 6


@pytest.mark.parametrize(
    "statement", ["UPDATE readings SET actor = 'nobody'", "DELETE FROM readings", "TRUNCATE readings"]
)
@pytest.mark.parametrize("role", [None, "rujukan_application"])
def test_nobody_takes_back_what_is_recorded(rig: Rig, statement: str, role: str | None) -> None:
    rig.latest(f"/v1/households/{rig.household()}")
    with psycopg.connect(rig.url) as connection:
        if role is not None:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        with pytest.raises(psycopg.Error):
            connection.execute(statement.encode())


def test_personal_data_that_cannot_be_recorded_as_read_is_not_shown(own_rig: Rig) -> None:
    household = own_rig.household()
    own_rig.latest(f"/v1/households/{household}")
    with psycopg.connect(own_rig.url, autocommit=True) as connection:
        connection.execute("ALTER TABLE readings RENAME TO elsewhere")
        answer = own_rig.get(f"/v1/households/{household}", expect=None)
        connection.execute("ALTER TABLE elsewhere RENAME TO readings")
    assert answer.status_code in (500, 503)
    assert "nik" not in answer.text


def test_a_lost_connection_costs_no_reading(own_rig: Rig) -> None:
    household = own_rig.household()
    own_rig.latest(f"/v1/households/{household}")
    before = len(read_of(own_rig, household))
    with psycopg.connect(own_rig.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rujukan readings'"
            " AND datname = current_database()"
        )
    own_rig.latest(f"/v1/households/{household}")
    assert len(read_of(own_rig, household)) == 2 * before


def test_many_readings_at_once_are_all_recorded(own_rig: Rig) -> None:
    household = uuid4()
    reader = Actor("x", Role.AUDITOR)
    own_rig.services.readings.record([Reading(reader, household, None, ("kk", "address"), "household")] * 5000)
    with psycopg.connect(own_rig.url) as connection:
        query = "SELECT count(*), min(fields) FROM readings WHERE household = %s"
        assert connection.execute(query, [household]).fetchone() == (5000, ["kk", "address"])
