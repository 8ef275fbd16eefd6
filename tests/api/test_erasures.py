"""An erasure over HTTP: two officers, and after it no route shows anything of the person."""

import json
from base64 import b64decode
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.app import build
from consumers.erasing import Erasing
from domain.ports import Unopenable
from domain.values import Sealed
from tests.api.rig import (
    ADMINISTRATOR,
    AUDITOR,
    MINISTRY,
    OFFICER,
    Rig,
    a_member,
    client_of,
    identity,
    need,
    registration,
)

OTHER = identity("ministry-2", "programme_officer")
REASON = {"reason": "own_request"}


def erased(rig: Rig, household: str, member: str | None = None) -> None:
    body = {**REASON, **({"member": member} if member else {})}
    erasure = rig.post(f"/v1/households/{household}/erasures", body).json()["erasure_id"]
    rig.post(f"/v1/households/{household}/erasures/{erasure}/confirm", {}, OTHER, 200)


def members_of(rig: Rig, household: str) -> list[dict[str, Any]]:
    return list(rig.latest(f"/v1/households/{household}").json()["members"])


def test_a_persons_data_is_gone_and_the_rest_of_the_household_stays(rig: Rig) -> None:
    head, child = a_member(), a_member(name="Anak Lenyap", head=False)
    household = rig.household(members=[head, child])
    (member,) = [m for m in members_of(rig, household) if not m["head"]]
    erased(rig, household, member["id"])
    shown = rig.latest(f"/v1/households/{household}").json()
    (gone,) = [m for m in shown["members"] if m["id"] == member["id"]]
    assert (gone["nik"], gone["name"], gone["birth_date"]) == (None, None, None)
    assert (shown["kk"] is not None, shown["head_name"]) == (True, head["name"])
    rig.post("/v1/households/lookup", {"nik": child["nik"]}, MINISTRY, 404)
    rig.post("/v1/households/lookup", {"nik": head["nik"]}, MINISTRY, 200)
    rig.post("/v1/households", registration(members=[a_member(**{**child, "head": True})]))


def test_the_last_person_takes_the_households_data_along(rig: Rig) -> None:
    card = registration()
    household = str(rig.post("/v1/households", card).json()["id"])
    (member,) = members_of(rig, household)
    erased(rig, household, member["id"])
    shown = rig.latest(f"/v1/households/{household}").json()
    assert (shown["kk"], shown["address"], shown["head_name"]) == (None, None, None)
    rig.post("/v1/households/lookup", {"kk": card["kk"]}, MINISTRY, 404)


def test_keys_are_destroyed_when_the_answer_is_given(rig: Rig) -> None:
    household = rig.household()
    (member,) = members_of(rig, household)
    with psycopg.connect(rig.url) as connection:
        row = connection.execute("SELECT kk FROM read.households WHERE household = %s", [household]).fetchone()
    assert row is not None
    erased(rig, household)
    assert {UUID(household), UUID(member["id"])} <= rig.services.destroyer.destroyed_keys()
    box = Sealed(UUID(row[0]["key"]), b64decode(row[0]["box"]))
    with pytest.raises(Unopenable):
        rig.services.sealer.open(box, stream=UUID(household), field="kk")


def test_four_eyes_and_programme_officers_alone(rig: Rig) -> None:
    household = rig.household()
    path = f"/v1/households/{household}/erasures"
    erasure = rig.post(path, REASON).json()["erasure_id"]
    assert rig.post(path, REASON, MINISTRY, 200).json()["erasure_id"] == erasure, "asked for twice is asked for once"
    for who in (OFFICER, ADMINISTRATOR, AUDITOR):
        rig.post(path, REASON, who, 403)
        rig.post(f"{path}/{erasure}/confirm", {}, who, 403)
        rig.post(f"{path}/{erasure}/withdraw", {}, who, 403)
    assert rig.post(f"{path}/{erasure}/confirm", {}, MINISTRY, 409).json()["code"] == "own-erasure"
    assert rig.post(f"{path}/{household}/confirm", {}, OTHER, 409).json()["code"] == "no-such-erasure"
    assert rig.refusals(household)[0]["code"] == "no-such-erasure"
    rig.post(f"{path}/{erasure}/withdraw", {}, OTHER, 200)
    assert rig.post(f"{path}/{erasure}/confirm", {}, OTHER, 409).json()["code"] == "no-such-erasure"
    assert rig.latest(f"/v1/households/{household}").json()["kk"] is not None


def test_actions_show_what_can_be_erased_and_confirmed(rig: Rig) -> None:
    household = rig.household()
    erasure = rig.post(f"/v1/households/{household}/erasures", REASON).json()["erasure_id"]

    def shown(who: dict[str, str]) -> dict[str, Any]:
        found = rig.latest(f"/v1/households/{household}/actions", who).json()["actions"]
        return {a["action"]: a["subject"] for a in found if "erasure" in a["action"]}

    assert shown(OTHER)["confirm-erasure"] == {"erasure": erasure}
    assert "confirm-erasure" not in shown(MINISTRY)
    assert shown(OFFICER) == {}


def test_nothing_personal_can_be_added_to_an_erased_household(rig: Rig) -> None:
    agency, _ = rig.agency()
    service = rig.service(agency)
    household = rig.household()
    (member,) = members_of(rig, household)
    erased(rig, household)
    path = f"/v1/households/{household}"
    visit = {"purpose": "verification", "result": "done"}
    details = {"component": "none", "pas_group": "the_poor", "pas_class": "general"}
    move = {"region": "33.24.04.2005", "address": "Jalan Baru"}
    for what, body in (
        ("visits", {**visit, "note": "Warung"}),
        ("moves", move),
        ("members", a_member(head=False)),
        (f"members/{member['id']}/assessments", details),
        ("referrals", need(service)),
    ):
        answer = rig.post(f"{path}/{what}", body, MINISTRY, 409)
        assert answer.json()["code"] == "personal-data-erased", what
    rig.post(f"{path}/visits", visit, MINISTRY, 201)


def test_an_unknown_household_is_not_found_whatever_is_to_be_sealed(rig: Rig) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    rig.post(
        f"/v1/households/{nobody}/visits", {"purpose": "verification", "result": "done", "note": "x"}, MINISTRY, 404
    )
    assert not rig.services.destroyer.destroyed_keys() & {UUID(nobody)}


def test_the_history_tells_that_it_was_erased_and_by_whom(rig: Rig) -> None:
    household = rig.household()
    erased(rig, household)
    told = rig.latest(f"/v1/households/{household}/history", AUDITOR).json()["items"]
    assert [(line["by"], line["en"]) for line in told[-2:]] == [
        ("ministry-1", "The erasure of the personal data of the whole family was requested: the family's own request."),
        ("ministry-2", "The personal data of the whole family were erased."),
    ]


def test_rows_of_every_projection_let_go_of_what_was_erased(rig: Rig) -> None:
    agency, _ = rig.agency()
    service = rig.service(agency)
    facilitator, who = rig.facilitator()
    household = rig.household(facilitator, enrolled=("sembako",))
    referral = rig.referral(household, service, basis_reference="SK-1")
    graduation = rig.proposal(household, who, note="Usahanya maju")
    rig.post(
        f"/v1/households/{household}/graduations/{graduation}/return",
        {"reason": "evidence_unclear", "note": "Foto buram"},
        OFFICER,
        200,
    )
    rig.latest(f"/v1/referrals/{referral}")
    before = rig.latest("/v1/graduations").json()["rows"]
    assert held(rig, household)
    erased(rig, household)
    shown = rig.latest(f"/v1/referrals/{referral}").json()
    assert (shown["need"], shown["basis_reference"]) == (None, None)
    (waiting,) = rig.latest("/v1/graduations/proposals", facilitator=facilitator).json()["items"]
    assert (waiting["note"], waiting["return_note"]) == (None, None)
    rig.latest("/v1/follow-up")
    assert held(rig, household) == []
    assert rig.latest("/v1/graduations").json()["rows"] == before


def test_what_was_written_of_a_member_who_was_referred_goes_with_the_member(rig: Rig) -> None:
    agency, officer = rig.agency()
    service = rig.service(agency)
    household = rig.household()
    child = rig.post(f"/v1/households/{household}/members", a_member(head=False)).json()["member_id"]
    referral, other = (rig.referral(household, service, basis_reference="SK-1", member=who) for who in (child, None))
    path = f"/v1/referrals/{referral}"
    rig.post(f"{path}/decline", {"reason": "other", "note": "Kuota penuh"}, officer, 200)
    with psycopg.connect(rig.url) as connection:
        rig.latest(path)
        row = connection.execute("SELECT to_jsonb(r) FROM read.referrals r WHERE referral = %s", [referral]).fetchone()
    assert row is not None
    boxes = (row[0]["need"], row[0]["basis_reference"], row[0]["notes"][0]["note"])
    assert {box["key"] for box in boxes} == {child}
    erased(rig, household, child)
    for who in (MINISTRY, officer):
        shown = rig.latest(path, who).json()
        assert (shown["need"], shown["basis_reference"]) == (None, None)
        assert (shown["person"], shown["disclosed"]) == (None, [])
        assert "Kuota penuh" not in str(shown)
        assert "need" in rig.latest(f"/v1/referrals/{other}", who).json()["disclosed"]
    settling = {"reason": "other", "note": "Sudah meninggal"}
    assert rig.post(f"{path}/settle", settling, MINISTRY, 409).json()["code"] == "personal-data-erased"
    body = need(service, member=child)
    for to in (f"/v1/households/{household}/referrals", f"{path}/redirect"):
        assert rig.post(to, body, MINISTRY, 409).json()["code"] == "personal-data-erased"
    rig.post(f"{path}/settle", {"reason": "household_refused"}, MINISTRY, 200)


def test_an_erased_head_is_not_listed_among_what_is_disclosed_of_the_family(rig: Rig) -> None:
    agency, officer = rig.agency()
    head = a_member()
    household = rig.household(members=[head, a_member(head=False)])
    referral = rig.referral(household, rig.service(agency))
    (member,) = [m for m in members_of(rig, household) if m["head"]]
    erased(rig, household, member["id"])
    for who in (MINISTRY, officer):
        shown = rig.latest(f"/v1/referrals/{referral}", who).json()
        assert (shown["person"], shown["disclosed"]) == (None, ["need", "basis_reference"])


def held(rig: Rig, household: str) -> list[str]:
    """Tables of projections that hold a box of this household, or of a member of it."""
    (member,) = members_of(rig, household)
    keys = [household, str(member["id"])]
    with psycopg.connect(rig.url) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'read'"
                " AND table_name NOT LIKE '%%\\_state' ORDER BY 1"
            )
        ]
        return [
            name
            for name in names
            for row in connection.execute(f"SELECT to_jsonb(t) FROM read.{name} t")
            if any(f'"key": "{key}"' in json.dumps(row[0]) for key in keys)
        ]


class OutOfReach:
    """A keys' database that cannot be reached when keys are to be destroyed."""

    def destroy_keys(self, ids: Any) -> None:
        raise psycopg.OperationalError

    def destroyed_keys(self) -> set[UUID]:
        raise psycopg.OperationalError

    def returned_keys(self) -> set[UUID]:
        raise psycopg.OperationalError


def test_an_erasure_that_was_logged_is_answered_so_and_carried_out_by_who_follows_the_log(rig: Rig) -> None:
    household = rig.household()
    erasure = rig.post(f"/v1/households/{household}/erasures", REASON).json()["erasure_id"]
    with client_of(build(replace(rig.services, destroyer=OutOfReach()))) as client:
        answer = client.post(f"/v1/households/{household}/erasures/{erasure}/confirm", json={}, headers=OTHER)
    assert answer.status_code == 200
    services: Any = rig.services
    assert UUID(household) not in rig.services.destroyer.destroyed_keys()
    Erasing(services.log, rig.services.destroyer).carry_out()
    assert UUID(household) in rig.services.destroyer.destroyed_keys()
