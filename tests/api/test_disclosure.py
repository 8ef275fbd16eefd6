"""What an agency reads of a family: what its service needs, on a recorded basis, and for a time."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import ServiceKind
from domain.disclosure import ALWAYS, BESIDE, PERSONAL
from tests.api.rig import AUDITOR, FAR_OFFICER, MINISTRY, OFFICER, Rig, a_member, need

NEVER = ("kk", "income", "pas_group", "disability", "component", "decile")
PLAIN = {"legal_basis": "consent", "basis_reference": None}
RULE = "UU 13/2011 pasal 7"


def refer(rig: Rig, kind: str = "capital", **changed: Any) -> tuple[str, str, dict[str, str]]:
    """A new household, its referral, and the agency's officer."""
    agency, officer = rig.agency()
    household = rig.household()
    return household, rig.referral(household, rig.service(agency, kind=kind), **changed), officer


def read(rig: Rig, referral: str, who: dict[str, str]) -> dict[str, Any]:
    return dict(rig.latest(f"/v1/referrals/{referral}", who).json())


@pytest.mark.parametrize("kind", ServiceKind)
def test_an_agency_reads_what_its_kind_of_service_needs_and_nothing_else(rig: Rig, kind: ServiceKind) -> None:
    household, referral, officer = refer(rig, kind)
    found, family = read(rig, referral, officer), rig.latest(f"/v1/households/{household}").json()
    head = family["members"][0]
    expected = {
        "name": head["name"],
        "nik": head["nik"],
        "birth_date": head["birth_date"],
        "address": family["address"],
    }
    told = {name for name in PERSONAL if name in (*ALWAYS, *BESIDE[kind])}
    assert found["person"] == {name: value if name in told else None for name, value in expected.items()}
    assert (found["need"], found["basis_reference"]) == ("Modal untuk warung", "SP-2026-118")
    assert set(found["disclosed"]) == {"need", "basis_reference", *told}
    assert not set(NEVER) & {*ALWAYS, *BESIDE[kind]}


def test_a_referral_of_one_member_tells_of_that_member(rig: Rig) -> None:
    agency, officer = rig.agency()
    household = rig.household()
    child = a_member(name="Bagas", head=False)
    member = rig.post(f"/v1/households/{household}/members", child).json()["member_id"]
    referral = rig.referral(household, rig.service(agency, kind="education"), member=member)
    found = read(rig, referral, officer)
    assert found["person"] == {"name": "Bagas", "nik": None, "birth_date": child["birth_date"], "address": None}


def test_what_an_agency_reads_is_recorded_of_whom_it_read(rig: Rig) -> None:
    household, referral, officer = refer(rig)
    read(rig, referral, officer)
    rows = rig.get("/v1/audit/readings", AUDITOR, household=household).json()["items"]
    head = rig.latest(f"/v1/households/{household}").json()["members"][0]["id"]
    assert {(row["member"], tuple(row["fields"])) for row in rows if row["role"] == "agency_officer"} == {
        (None, ("address", "basis_reference", "need")),
        (head, ("name", "nik")),
    }


def test_without_a_recorded_basis_an_agency_reads_nothing_of_the_family(rig: Rig) -> None:
    household, referral, officer = refer(rig, **PLAIN)
    rig.post(f"/v1/referrals/{referral}/request-information", {"information": ["other"], "note": "KTP?"}, officer, 200)
    found = read(rig, referral, officer)
    assert (found["legal_basis"], found["disclosed"]) == ("consent", [])
    assert (found["need"], found["person"], found["notes"]) == (None, None, [])
    rows = rig.get("/v1/audit/readings", AUDITOR, household=household).json()["items"]
    assert [row for row in rows if row["role"] == "agency_officer"] == []
    assert read(rig, referral, OFFICER)["need"] == "Modal untuk warung"
    body = {"legal_basis": "consent", "basis_reference": "SP-2026-9"}
    rig.post(f"/v1/referrals/{referral}/legal-basis", body, OFFICER, 200)
    again = rig.post(f"/v1/referrals/{referral}/legal-basis", body, OFFICER, 200).json()
    assert again["satisfied"] is True
    found = read(rig, referral, officer)
    assert (found["need"], found["basis_reference"]) == ("Modal untuk warung", "SP-2026-9")
    assert found["disclosed"] == ["need", "notes", "basis_reference", "name", "nik", "address"]


def test_a_statutory_duty_discloses_with_its_rule_alone(rig: Rig) -> None:
    _, referral, officer = refer(rig, legal_basis="statutory_duty", basis_reference=None)
    assert read(rig, referral, officer)["disclosed"] == []
    _, referral, officer = refer(rig, legal_basis="statutory_duty", basis_reference=None, legal_rule=RULE)
    found = read(rig, referral, officer)
    assert (found["legal_basis"], found["legal_rule"], found["need"]) == ("statutory_duty", RULE, "Modal untuk warung")
    assert found["disclosed"] == ["need", "name", "nik", "address"]


def test_a_redirected_referral_needs_a_basis_of_its_own(rig: Rig) -> None:
    _, referral, officer = refer(rig)
    rig.post(f"/v1/referrals/{referral}/decline", {"reason": "no_budget"}, officer, 200)
    agency, second = rig.agency()
    body = need(rig.service(agency), legal_basis="statutory_duty", basis_reference=None, legal_rule=RULE)
    to = rig.post(f"/v1/referrals/{referral}/redirect", body, expect=200).json()["referral_id"]
    assert read(rig, to, second)["legal_rule"] == RULE


@pytest.mark.parametrize(
    ("basis", "code"),
    [
        ({"legal_basis": "consent", "legal_rule": RULE}, "rule-without-duty"),
        ({"legal_basis": "statutory_duty", "legal_rule": "karena Bu Suparti sakit"}, "invalid"),
        ({"legal_basis": "statutory_duty", "legal_rule": "UU 13/2011 pasal 3324040101900001"}, "invalid"),
    ],
)
def test_a_basis_of_the_wrong_form_is_refused(rig: Rig, basis: dict[str, str], code: str) -> None:
    household, referral, _ = refer(rig, **PLAIN)
    service = rig.service(rig.agency()[0])
    body = {"service": service, "need": "Modal", **basis}
    assert rig.post(f"/v1/households/{household}/referrals", body, expect=422).json()["code"] == code
    assert rig.post(f"/v1/referrals/{referral}/legal-basis", basis, expect=422).json()["code"] == code


@pytest.mark.parametrize(("basis", "code"), [("consent", "reference-missing"), ("statutory_duty", "rule-missing")])
def test_a_basis_is_recorded_with_what_it_rests_on(rig: Rig, basis: str, code: str) -> None:
    _, referral, officer = refer(rig, **PLAIN)
    path = f"/v1/referrals/{referral}/legal-basis"
    assert rig.post(path, {"legal_basis": basis}, expect=422).json()["code"] == code
    rig.post(path, {"legal_basis": "consent", "basis_reference": "SP-1"}, FAR_OFFICER, 404)
    rig.post(f"/v1/referrals/{referral}/decline", {"reason": "no_budget"}, officer, 200)
    late = rig.post(path, {"legal_basis": "consent", "basis_reference": "SP-1"}, expect=409).json()
    assert (late["code"], late["state"]) == ("illegal-transition", "declined")


def test_an_agency_reads_for_the_retention_period_after_its_part_and_then_codes_and_dates(rig: Rig) -> None:
    _, referral, officer = refer(rig)
    path = f"/v1/referrals/{referral}"
    rig.post(f"{path}/decline", {"reason": "other", "note": "Kuota penuh"}, officer, 200)
    ended, days = rig.time.day, rig.services.days.agency_retention_days
    rig.post(f"{path}/settle", {"reason": "household_refused"}, MINISTRY, 200)
    rig.time.day = ended + timedelta(days=days)
    found = read(rig, referral, officer)
    assert (found["need"], found["ended_on"]) == ("Modal untuk warung", str(ended))
    assert found["disclosed_until"] == str(rig.time.day)
    rig.time.day += timedelta(days=1)
    found = read(rig, referral, officer)
    assert (found["need"], found["basis_reference"], found["notes"], found["person"]) == (None, None, [], None)
    assert (found["disclosed"], found["state"], found["reason"]) == ([], "settled", None)
    assert referral in [item["id"] for item in rig.latest("/v1/referrals", officer).json()["items"]]
    assert read(rig, referral, MINISTRY)["need"] == "Modal untuk warung"


def test_lists_and_the_feed_tell_an_agency_nothing_personal(rig: Rig) -> None:
    household, referral, officer = refer(rig)
    family = rig.latest(f"/v1/households/{household}").json()
    secrets = [family["address"], "Modal untuk warung", "SP-2026-118", *(m["nik"] for m in family["members"])]
    for path in ("/v1/referrals", "/v1/follow-up"):
        told = rig.latest(path, officer).text
        assert referral in told
        assert not [secret for secret in secrets if secret in told]
    assert not [secret for secret in secrets if secret in rig.get("/v1/feed", officer).text]


def test_why_a_sender_settled_is_the_senders_concern(rig: Rig) -> None:
    _, referral, officer = refer(rig)
    path = f"/v1/referrals/{referral}"
    rig.post(f"{path}/decline", {"reason": "no_budget"}, officer, 200)
    assert read(rig, referral, officer)["reason"] == "no_budget"
    rig.post(f"{path}/settle", {"reason": "household_refused"}, MINISTRY, 200)
    assert read(rig, referral, officer)["reason"] is None
    assert read(rig, referral, MINISTRY)["reason"] == "household_refused"
    told = {item["type"]: item for item in rig.get("/v1/feed", officer).json()["items"]}
    assert "no_budget" in str(told["rujukan.referral.declined.v1"])
    assert "household_refused" not in str(told)


def test_an_agency_that_never_ends_its_part_reads_for_the_retention_period_after_its_last_deadline(rig: Rig) -> None:
    _, referral, officer = refer(rig)
    rig.post(f"/v1/referrals/{referral}/accept", {}, officer, 200)
    found = read(rig, referral, officer)
    last = max(date.fromisoformat(found[name]) for name in ("expires_on", "next_by"))
    rig.time.day = last + timedelta(days=rig.services.days.agency_retention_days)
    found = read(rig, referral, officer)
    assert (found["need"], found["ended_on"]) == ("Modal untuk warung", None)
    assert found["disclosed_until"] == str(rig.time.day)
    rig.time.day += timedelta(days=1)
    found = read(rig, referral, officer)
    assert (found["need"], found["person"], found["disclosed"]) == (None, None, [])


def test_an_agency_whose_part_has_ended_is_not_told_where_the_family_lives_since(rig: Rig) -> None:
    household, referral, officer = refer(rig)
    assert read(rig, referral, officer)["person"]["address"] is not None
    rig.post(f"/v1/referrals/{referral}/decline", {"reason": "no_budget"}, officer, 200)
    rig.post(f"/v1/households/{household}/moves", {"region": "33.24.04.2005", "address": "Jalan Baru"})
    for who in (officer, MINISTRY):
        found = read(rig, referral, who)
        assert found["disclosed"] == ["need", "basis_reference", "name", "nik"]
        assert "Jalan Baru" not in str(found)


def test_a_new_head_of_the_family_was_not_referred(rig: Rig) -> None:
    household, referral, officer = refer(rig)
    head = rig.latest(f"/v1/households/{household}").json()["members"][0]
    rig.post(f"/v1/households/{household}/members/{head['id']}/leave", {"reason": "deceased"})
    rig.post(f"/v1/households/{household}/members", a_member(name="Kepala Baru"))
    found = read(rig, referral, officer)
    assert (found["person"], found["disclosed"]) == (None, ["need", "basis_reference"])


def test_the_family_of_a_referred_member_who_left_is_not_located(rig: Rig) -> None:
    agency, officer = rig.agency()
    household = rig.household()
    child = a_member(name="Bagas", head=False)
    member = rig.post(f"/v1/households/{household}/members", child).json()["member_id"]
    referral = rig.referral(household, rig.service(agency), member=member)
    rig.post(f"/v1/households/{household}/members/{member}/leave", {"reason": "married"})
    rig.post(f"/v1/households/{household}/moves", {"region": "33.24.04.2005", "address": "Jalan Baru"})
    found = read(rig, referral, officer)
    assert found["person"] == {"name": "Bagas", "nik": child["nik"], "birth_date": None, "address": None}
    assert found["disclosed"] == ["need", "basis_reference", "name", "nik"]


def test_after_consent_was_taken_back_nothing_is_told_until_a_basis_is_recorded_anew(rig: Rig) -> None:
    _, referral, officer = refer(rig)
    path = f"/v1/referrals/{referral}"
    rig.post(f"{path}/withdraw-basis", {}, officer, 403)
    rig.post(f"{path}/withdraw-basis", {}, FAR_OFFICER, 404)
    rig.post(f"{path}/withdraw-basis", {}, MINISTRY, 200)
    assert rig.post(f"{path}/withdraw-basis", {}, MINISTRY, 200).json()["satisfied"] is True
    found = read(rig, referral, officer)
    assert (found["need"], found["person"], found["notes"], found["disclosed"]) == (None, None, [], [])
    rig.post(f"{path}/legal-basis", {"legal_basis": "consent", "basis_reference": "SP-2"}, MINISTRY, 200)
    assert read(rig, referral, officer)["basis_reference"] == "SP-2"
    rig.post(f"{path}/decline", {"reason": "no_budget"}, officer, 200)
    assert read(rig, referral, officer)["disclosed"] != []
    rig.post(f"{path}/withdraw-basis", {}, MINISTRY, 200)
    assert read(rig, referral, officer)["disclosed"] == []
