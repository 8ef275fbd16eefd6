"""Follow-up over the API: what waits for whom, within the caller's scope."""

from tests.api.rig import FAR_OFFICER, MINISTRY, OFFICER, Rig
from tests.api.test_graduations import graduated


def test_everything_that_waits_is_listed_with_who_since_and_due(own_rig: Rig) -> None:
    rig = own_rig
    facilitator, sari = rig.facilitator()
    agency, officer = rig.agency()
    unconnected, graduation = graduated(rig, facilitator, sari)
    proposing = rig.household(facilitator, enrolled=("sembako",))
    proposal = rig.proposal(proposing, sari)
    referred = rig.household(facilitator)
    referral = rig.referral(referred, rig.service(agency), sari)
    items = {item["household"]: item for item in rig.latest("/v1/follow-up", sari).json()["items"]}
    assert set(items) == {unconnected, proposing, referred}
    assert [(items[h]["kind"], items[h]["who"], items[h]["since"], items[h]["due"]) for h in items] == [
        (items[h]["kind"], who, "2026-06-15", due)
        for h, who, due in [
            (h, {"referral": "agency", "proposal": "regional_officer", "unconnected": "facilitator"}[i["kind"]],
             "2026-06-23" if i["kind"] == "referral" else "2026-06-29")
            for h, i in items.items()
        ]
    ]  # fmt: skip
    assert items[unconnected]["graduation"] == graduation
    assert items[proposing]["graduation"] == proposal
    assert items[referred]["referral"] == referral

    def kinds(who: dict[str, str] = MINISTRY, **query: object) -> list[str]:
        return [item["kind"] for item in rig.latest("/v1/follow-up", who, **query).json()["items"]]

    assert kinds() == ["referral", "proposal", "unconnected"]
    assert kinds(officer) == ["referral"]
    assert kinds(FAR_OFFICER) == []
    assert kinds(OFFICER, region="33.24.04", facilitator=facilitator) == kinds()
    assert kinds(agency=agency) == ["referral"]
    assert kinds(kind="proposal") == ["proposal"]
    assert kinds(overdue=True) == []
    assert kinds(overdue=True, as_of="2026-06-24") == ["referral"]
    assert kinds(overdue=True, as_of="2026-06-30") == kinds()
    assert kinds(overdue=False, as_of="2026-06-24") == ["proposal", "unconnected"]


def test_follow_up_is_read_page_by_page(own_rig: Rig) -> None:
    rig = own_rig
    agency, _ = rig.agency()
    service, household = rig.service(agency), rig.household()
    made = {rig.referral(household, service) for _ in range(5)}
    seen: list[str] = []
    cursor = None
    while True:
        page = rig.latest("/v1/follow-up", limit=2, cursor=cursor).json()
        seen += [item["referral"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert rig.get("/v1/follow-up", expect=400, cursor="nonsense").json()["code"] == "cursor-invalid"
    assert rig.get("/v1/follow-up", expect=422, kind="weather").json()["field"] == "kind"
