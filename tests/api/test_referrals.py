"""Referrals from sending to their outcome, as each side sees them."""

from uuid import uuid4

from tests.api.rig import ANALYST, FAR_OFFICER, OFFICER, Rig, identity, need


def test_a_referral_goes_through_to_its_outcome(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    agency, officer = rig.agency()
    household = rig.household(facilitator)
    answer = rig.post(f"/v1/households/{household}/referrals", need(rig.service(agency)), sari)
    referral = answer.json()["referral_id"]
    assert answer.headers["Location"] == f"/v1/referrals/{referral}"
    path = f"/v1/referrals/{referral}"

    def step(verb: str, who: dict[str, str], state: str, **body: object) -> None:
        done = rig.post(f"{path}/{verb}", body, who, 200).json()
        assert done["id"] == referral
        found = rig.latest(path, officer).json()
        assert (found["state"], found["version"]) == (state, done["version"])

    step("received", officer, "received")
    step("request-information", officer, "waiting", information=["business_details"], note="Usaha apa?")
    step("supply-information", sari, "received", note="Warung kelontong")
    step("accept", officer, "accepted")
    step("schedule", officer, "scheduled", appointment="2026-06-20")
    step("schedule", officer, "scheduled", appointment="2026-06-22")
    step("miss", officer, "accepted")
    step("schedule", officer, "scheduled", appointment="2026-06-23")
    step("attend", officer, "accepted")
    step("start", officer, "in_service")
    step("complete", officer, "completed", outcome="capital_disbursed", amount=2_000_000, note="Lunas")
    found = rig.latest(path, sari).json()
    assert (found["outcome"], found["amount"], found["appointment"]) == ("capital_disbursed", 2_000_000, "2026-06-23")
    assert [note["note"] for note in found["notes"]] == ["Usaha apa?", "Warung kelontong", "Lunas"]
    assert found["need"] == "Modal untuk warung"
    assert found["who"] is None


def test_deadlines_are_working_days_with_holidays_and_frozen(rig: Rig) -> None:
    agency, officer = rig.agency()
    referral = rig.referral(rig.household(), rig.service(agency, response_days=2))
    path = f"/v1/referrals/{referral}"
    found = rig.latest(path, officer).json()
    # Tuesday, 16 June 2026 is the Islamic new year.
    assert (found["respond_by"], found["expires_on"], found["calendar"]) == ("2026-06-18", "2026-07-18", "official")
    rig.post(f"{path}/accept", {}, officer, 200)
    assert rig.latest(path, officer).json()["next_by"] == "2026-07-14"
    rig.post(f"{path}/start", {}, officer, 200)
    assert rig.latest(path, officer).json()["next_by"] == "2026-09-13"


def test_a_declined_referral_is_redirected_to_a_second_agency(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    first, declining = rig.agency()
    second, accepting = rig.agency()
    household = rig.household(facilitator)
    referral = rig.referral(household, rig.service(first), sari, basis_reference="Surat 12")
    path = f"/v1/referrals/{referral}"
    assert rig.post(f"{path}/decline", {"reason": "other"}, declining, 422).json()["code"] == "note-missing"
    rig.post(f"{path}/decline", {"reason": "no_budget", "note": "Dana habis"}, declining, 200)
    body = need(rig.service(second), need="Modal, kedua kali")
    done = rig.post(f"{path}/redirect", body, sari, 200).json()
    assert done["id"] == referral
    again = rig.post(f"{path}/redirect", body, sari, 200).json()
    assert (again["satisfied"], again["referral_id"]) == (True, done["referral_id"])
    new = rig.latest(f"/v1/referrals/{done['referral_id']}", sari).json()
    assert (new["previous"], new["need"], new["state"]) == (referral, "Modal, kedua kali", "sent")
    assert rig.latest(path, sari).json()["redirected_to"] == done["referral_id"]
    assert rig.latest(path, declining).json()["redirected_to"] is None
    assert rig.latest(f"/v1/referrals/{done['referral_id']}", accepting).json()["previous"] is None
    rig.latest(f"/v1/referrals/{done['referral_id']}", declining, 404)


def test_naming_an_unsuccessful_referral_redirects_it_too(rig: Rig) -> None:
    agency, officer = rig.agency()
    service, household = rig.service(agency), rig.household()
    referral = rig.referral(household, service)
    path = f"/v1/households/{household}/referrals"
    assert rig.post(path, need(service, previous=referral), expect=409).json()["code"] == "previous-open"
    assert rig.post(path, need(service, previous=str(uuid4())), expect=422).json()["field"] in ("previous", "referral")
    rig.post(f"/v1/referrals/{referral}/accept", who=officer, expect=200)
    rig.post(f"/v1/referrals/{referral}/fail", {"reason": "unable_to_contact"}, officer, 200)
    rig.referral(household, service, previous=referral)
    assert rig.latest(f"/v1/referrals/{referral}").json()["state"] == "redirected"


def test_a_cancellation_is_confirmed_or_refused_by_the_agency(rig: Rig) -> None:
    agency, officer = rig.agency()
    service, household = rig.service(agency), rig.household()
    for verb, state in (("confirm-cancellation", "cancelled"), ("refuse-cancellation", "sent")):
        referral = rig.referral(household, service)
        rig.post(f"/v1/referrals/{referral}/cancel", {"reason": "no_longer_needed"}, expect=200)
        found = rig.latest(f"/v1/referrals/{referral}").json()
        assert (found["state"], found["cancel_by"]) == ("cancelling", "2026-06-23")
        rig.post(f"/v1/referrals/{referral}/{verb}", who=OFFICER, expect=403)
        rig.post(f"/v1/referrals/{referral}/{verb}", who=officer, expect=200)
        assert rig.latest(f"/v1/referrals/{referral}").json()["state"] == state


def test_an_unsuccessful_referral_is_settled(rig: Rig) -> None:
    agency, officer = rig.agency()
    referral = rig.referral(rig.household(), rig.service(agency))
    rig.post(f"/v1/referrals/{referral}/decline", {"reason": "not_eligible"}, officer, 200)
    rig.post(f"/v1/referrals/{referral}/settle", {"reason": "household_refused"}, expect=200)
    assert rig.latest(f"/v1/referrals/{referral}").json()["state"] == "settled"


def test_agencies_see_and_act_on_what_was_sent_to_them_alone(rig: Rig) -> None:
    facilitator, sari = rig.facilitator()
    agency, officer = rig.agency()
    _, stranger = rig.agency()
    household = rig.household(facilitator)
    referral = rig.referral(household, rig.service(agency), sari)
    path = f"/v1/referrals/{referral}"
    _, other_facilitator = rig.facilitator()
    for who in (stranger, FAR_OFFICER, other_facilitator):
        rig.latest(path, who, 404)
        rig.get(f"{path}/actions", who, 404)
        assert rig.latest("/v1/referrals", who, household=household).json()["items"] == []
    rig.post(f"{path}/accept", who=stranger, expect=404)
    rig.post(f"{path}/decline", {"reason": "other", "note": "x"}, stranger, 404)
    rig.post(f"{path}/accept", who=sari, expect=403)
    rig.post(f"{path}/settle", {"reason": "other", "note": "x"}, officer, 403)
    rig.get(path, ANALYST, 403)
    system = identity("system", "agency_system", agency)
    assert {a["action"] for a in rig.get(f"{path}/actions", system).json()["actions"]} == {
        "received", "request-information", "accept", "decline",
    }  # fmt: skip
    for path in (f"/v1/households/{household}", f"/v1/households/{household}/history", "/v1/households"):
        rig.latest(path, officer, 403)


def test_referrals_are_listed_by_filter_and_page(own_rig: Rig) -> None:
    rig = own_rig
    agency, officer = rig.agency()
    service, household = rig.service(agency), rig.household()
    made = sorted(rig.referral(household, service) for _ in range(3))
    rig.post(f"/v1/referrals/{made[0]}/accept", who=officer, expect=200)
    first = rig.latest("/v1/referrals", officer, limit=2).json()
    rest = rig.latest("/v1/referrals", officer, limit=2, cursor=first["next_cursor"]).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == made

    def ids(**query: object) -> list[str]:
        return [item["id"] for item in rig.latest("/v1/referrals", **query).json()["items"]]

    assert ids(state="accepted") == made[:1]
    assert ids(agency=agency, household=household) == made
    assert ids(overdue=True) == []
    rig.time.day = rig.time.day.replace(month=7, day=10)
    assert ids(overdue=True) == made[1:]
    assert rig.get("/v1/referrals", expect=422, state="gone").json()["field"] == "state"


def test_a_referral_for_one_member_names_who_belongs_to_the_household(rig: Rig) -> None:
    agency, officer = rig.agency()
    service, household = rig.service(agency), rig.household()
    member = rig.latest(f"/v1/households/{household}").json()["members"][0]["id"]
    referral = rig.referral(household, service, member=member)
    assert rig.latest(f"/v1/referrals/{referral}", officer).json()["member"] == member
    body = need(service, member=str(uuid4()))
    problem = rig.post(f"/v1/households/{household}/referrals", body, expect=422).json()
    assert problem["code"] == "member-not-current"


def test_the_feed_tells_an_agency_what_happened_in_order(own_rig: Rig) -> None:
    rig = own_rig
    agency, officer = rig.agency()
    other, stranger = rig.agency()
    household = rig.household()
    one, two = rig.referral(household, rig.service(agency)), rig.referral(household, rig.service(other))
    rig.post(f"/v1/referrals/{one}/accept", who=officer, expect=200)
    rig.latest("/v1/referrals")
    feed = rig.get("/v1/feed", officer, limit=1).json()
    assert [(item["type"], item["referral"]) for item in feed["items"]] == [("rujukan.referral.sent.v1", one)]
    feed = rig.get("/v1/feed", officer, after=feed["next_after"]).json()
    assert [item["type"] for item in feed["items"]] == ["rujukan.referral.accepted.v1"]
    end = feed["next_after"]
    assert rig.get("/v1/feed", officer, after=end).json() == {"items": [], "next_after": end}
    assert {item["referral"] for item in rig.get("/v1/feed", stranger).json()["items"]} == {two}
    assert "Modal untuk warung" not in rig.get("/v1/feed", officer).text
    rig.get("/v1/feed", OFFICER, 403)


def test_a_previous_referral_of_another_household_is_as_unknown_as_none(rig: Rig) -> None:
    agency, officer = rig.agency()
    service = rig.service(agency)
    household, foreign = rig.household(), rig.referral(rig.household(), service)
    rig.post(f"/v1/referrals/{foreign}/decline", {"reason": "no_budget"}, officer, 200)
    path = f"/v1/households/{household}/referrals"
    answers = [
        rig.post(path, need(service, previous=str(previous)), expect=422).json()
        for previous in (foreign, household, service, uuid4())
    ]
    assert all(answer == answers[0] for answer in answers), answers
    assert (answers[0]["code"], answers[0]["field"]) == ("unknown-referral", "previous")


def test_an_agency_does_not_read_why_the_sender_settled(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    agency, officer = rig.agency()
    referral = rig.referral(rig.household(facilitator), rig.service(agency), sari)
    path = f"/v1/referrals/{referral}"
    rig.post(f"{path}/decline", {"reason": "other", "note": "Kuota penuh"}, officer, 200)
    rig.post(f"{path}/settle", {"reason": "other", "note": "Keluarga pindah"}, sari, 200)
    assert [note["note"] for note in rig.latest(path, sari).json()["notes"]] == ["Kuota penuh", "Keluarga pindah"]
    assert [note["note"] for note in rig.latest(path, officer).json()["notes"]] == ["Kuota penuh"]
