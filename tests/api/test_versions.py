"""`If-Match`: who decided on an older state of a record is told, and nothing is done."""

import pytest

from tests.api.rig import ADMINISTRATOR, MINISTRY, Rig, need, registration

VISIT = {"purpose": "verification", "result": "done"}


def test_a_command_on_the_version_seen_is_done(rig: Rig) -> None:
    household = rig.household()
    seen = rig.latest(f"/v1/households/{household}").headers["ETag"]
    done = rig.post(f"/v1/households/{household}/visits", VISIT, If_Match=seen)
    assert done.headers["ETag"] == '"3"'
    rig.post(f"/v1/households/{household}/ranks", {"decile": 3, "period": "2026-Q1"}, If_Match=done.headers["ETag"])


@pytest.mark.parametrize("stale", ['"1"', '"99"', '"0"', '"abc"', '""', '"' + "9" * 40 + '"'])
def test_a_stale_version_is_refused_and_nothing_stored(rig: Rig, stale: str) -> None:
    household = rig.household()
    before = rig.count_events()
    problem = rig.post(f"/v1/households/{household}/visits", VISIT, expect=412, If_Match=stale).json()
    assert (problem["type"], problem["version"]) == ("/problems/stale-version", 2)
    assert rig.count_events() == before
    assert rig.refusals(household) == []


@pytest.mark.parametrize("malformed", ["3", 'W/"3"', '"1", "2"', '"a', "'3'", "x" * 2000])
def test_a_malformed_if_match_is_refused(rig: Rig, malformed: str) -> None:
    household = rig.household()
    problem = rig.post(f"/v1/households/{household}/visits", VISIT, expect=400, If_Match=malformed).json()
    assert problem["type"] == "/problems/malformed-if-match"


def test_a_star_expects_no_version(rig: Rig) -> None:
    rig.post(f"/v1/households/{rig.household()}/visits", VISIT, If_Match="*")


def test_if_match_is_honoured_on_every_kind_of_record(rig: Rig) -> None:
    agency, officer = rig.agency()
    service, household = rig.service(agency), rig.household()
    rig.post(f"/v1/households/{household}/referrals", need(service), expect=412, If_Match='"1"')
    referral = rig.referral(household, service)
    rig.post(f"/v1/referrals/{referral}/received", who=officer, expect=412, If_Match='"7"')
    rig.post(f"/v1/referrals/{referral}/received", who=officer, expect=200, If_Match='"1"')
    rig.post(f"/v1/services/{service}/withdraw", who=ADMINISTRATOR, expect=412, If_Match='"7"')
    facilitator, _ = rig.facilitator()
    rig.post(f"/v1/facilitators/{facilitator}/retire", who=ADMINISTRATOR, expect=412, If_Match='"7"')


def test_a_record_yet_to_be_made_has_no_version(rig: Rig) -> None:
    before = rig.count_events()
    rig.post("/v1/households", registration(), expect=412, If_Match='"1"')
    terms = {"code": "not_yet", "name": "X", "cluster": "protection", "frequency": "monthly"}
    body = {**terms, "graduable": False, "relapse": False}
    rig.post("/v1/programmes", body, ADMINISTRATOR, 412, If_Match='"1"')
    target = {"year": 2031, "pillar": "psm", "measure": "visits", "minimum": 1}
    rig.post("/v1/targets", target, ADMINISTRATOR, 412, If_Match='"1"')
    assert rig.count_events() == before


def test_every_record_that_is_read_says_its_version(rig: Rig) -> None:
    agency, _ = rig.agency()
    service, (facilitator, _) = rig.service(agency), rig.facilitator()
    household = rig.household()
    referral = rig.referral(household, service)
    rig.programme("sembako")
    for path in (
        f"/v1/households/{household}",
        f"/v1/households/{household}/actions",
        f"/v1/referrals/{referral}",
        f"/v1/referrals/{referral}/actions",
        f"/v1/agencies/{agency}",
        f"/v1/services/{service}",
        f"/v1/facilitators/{facilitator}",
        "/v1/programmes/sembako",
    ):
        who = ADMINISTRATOR if "facilitators" in path else MINISTRY
        answer = rig.latest(path, who)
        assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
