"""What the auditor reads: refusals with their filters, and the log itself."""

from tests.api.rig import ADMINISTRATOR, AUDITOR, MINISTRY, OFFICER, Rig, registration


def test_refusals_are_filtered_and_paged_the_latest_first(own_rig: Rig) -> None:
    rig = own_rig
    agency, officer = rig.agency()
    household = rig.household()
    referral = rig.referral(household, rig.service(agency))
    for verb in ("start", "attend", "miss"):
        rig.post(f"/v1/referrals/{referral}/{verb}", who=officer, expect=409)
    rig.programme("sembako")
    body = {"programme": "sembako", "reason": "ineligible"}
    rig.post(f"/v1/households/{household}/discontinuations", body, OFFICER, 409)
    first = rig.get("/v1/refusals", AUDITOR, limit=3).json()
    rest = rig.get("/v1/refusals", AUDITOR, limit=3, cursor=first["next_cursor"]).json()
    found = first["items"] + rest["items"]
    assert [row["action"] for row in found] == ["discontinue", "miss", "attend", "start"]
    assert found[0]["position"] > 0
    assert found[0]["role"] == "regional_officer"

    def actions(**query: object) -> list[str]:
        return [row["action"] for row in rig.get("/v1/refusals", AUDITOR, **query).json()["items"]]

    assert actions(kind="household") == ["discontinue"]
    assert actions(stream=referral, action="miss") == ["miss"]
    assert actions(by="officer-1") == ["discontinue"]
    assert actions(role="agency_officer") == ["miss", "attend", "start"]
    assert actions(code="not-enrolled") == ["discontinue"]
    for who in (MINISTRY, OFFICER, ADMINISTRATOR, officer):
        rig.get("/v1/refusals", who, 403)


def test_faults_of_form_leave_no_refusal(own_rig: Rig) -> None:
    rig = own_rig
    household = rig.household()
    visit = {"purpose": "verification", "result": "done"}
    rig.post(f"/v1/households/{household}/visits", {**visit, "purpose": "tea"}, expect=422)
    rig.post(f"/v1/households/{household}/visits", visit, expect=412, If_Match='"9"')
    rig.post("/v1/households", registration(kk="1"), expect=422)
    assert rig.get("/v1/refusals", AUDITOR).json()["items"] == []


def test_the_log_is_read_by_position_without_gaps_and_sealed(own_rig: Rig) -> None:
    rig = own_rig
    body = registration()
    rig.post("/v1/households", body)
    rig.household(enrolled=("sembako",))
    read: list[dict[str, object]] = []
    after = 0
    while True:
        page = rig.get("/v1/audit/log", AUDITOR, after=after, limit=2).json()
        assert page["head"] == rig.count_events()
        if not page["items"]:
            break
        read += page["items"]
        after = page["next_after"]
    assert [entry["position"] for entry in read] == list(range(1, rig.count_events() + 1))
    assert read[0]["topic"] == "household.registered.v1"
    assert body["kk"] not in str(read)
    assert body["address"] not in str(read)
    for who in (MINISTRY, ADMINISTRATOR):
        rig.get("/v1/audit/log", who, 403)
