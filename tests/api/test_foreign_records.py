"""Records outside a caller's scope answer like records that there are not: in paths, queries, bodies, and under
idempotency keys and entity tags. Only the clock tells more than the answer, and that little is held down, too."""

import statistics
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from api.even_time import LEAST
from tests.api.rig import FAR_OFFICER, MINISTRY, OFFICER, Rig, need, new_key, new_kk, new_nik, registration

RANK = {"decile": 5, "period": "2026-Q1", "source": "dtsen"}
ADDED = {"nik": "3324040101900001", "name": "Siti", "birth_date": "1990-01-01", "head": False}
COMMANDS: dict[str, dict[str, Any]] = {
    "members": ADDED,
    "ranks": RANK,
    "assessments": {"has_business": True, "income_band": "over_5m", "criteria": []},
    "assignments": {"facilitator": str(uuid4())},
    "enrolments": {"programme": "sembako"},
    "visits": {"purpose": "verification", "result": "done"},
    "graduations": {"kind": "independent", "programmes": ["sembako"], "evidence": ["home_visit"]},
    "referrals": need(str(uuid4())),
    "leave": {"reason": "own_request"},
    "connection-declined": {"reason": "no_interest"},
}


def shown(answer: Any) -> tuple[Any, ...]:
    """Everything that an answer tells, but for the moment that it was given at."""
    return answer.status_code, {k: v for k, v in answer.headers.items() if k.lower() != "date"}, answer.json()


@pytest.fixture(scope="module")
def foreign(shared_rig: Rig) -> str:
    """A household of another region, with something of everything."""
    shared_rig.programme("sembako")
    household = shared_rig.household(enrolled=("sembako",))
    shared_rig.latest(f"/v1/households/{household}")
    return household


@pytest.mark.parametrize("path", ["", "/history", "/assistance", "/actions"])
def test_reading_tells_a_foreign_household_from_none_by_nothing(rig: Rig, foreign: str, path: str) -> None:
    for query in ({}, {"after": rig.services.log.head()}):
        theirs = rig.get(f"/v1/households/{foreign}{path}", FAR_OFFICER, 404, **query)
        nobodys = rig.get(f"/v1/households/{uuid4()}{path}", FAR_OFFICER, 404, **query)
        assert shown(theirs) == shown(nobodys)


@pytest.mark.parametrize("verb", COMMANDS)
@pytest.mark.parametrize(
    "headers",
    [{}, {"If_Match": '"1"'}, {"If_Match": '"99"'}, {"If_Match": "*"}, {"Idempotency_Key": "k"}],
    ids=["plain", "its tag", "another tag", "any tag", "key"],
)
def test_commands_tell_a_foreign_household_from_none_by_nothing(
    rig: Rig, foreign: str, verb: str, headers: dict[str, str]
) -> None:
    before = rig.count_events()
    given = {name: new_key() if name == "Idempotency_Key" else text for name, text in headers.items()}
    theirs, nobodys = (
        rig.post(f"/v1/households/{household}/{verb}", COMMANDS[verb], FAR_OFFICER, 404, **given)
        for household in (foreign, str(uuid4()))
    )
    assert shown(theirs) == shown(nobodys)
    assert rig.count_events() == before


def test_a_key_that_its_owner_used_answers_a_stranger_like_a_new_one(rig: Rig, foreign: str) -> None:
    key = new_key()
    rig.post(f"/v1/households/{foreign}/ranks", RANK, OFFICER, Idempotency_Key=key)
    for body in (RANK, {**RANK, "decile": 9}):
        theirs = rig.post(f"/v1/households/{foreign}/ranks", body, FAR_OFFICER, 404, Idempotency_Key=key)
        nobodys = rig.post(f"/v1/households/{uuid4()}/ranks", body, FAR_OFFICER, 404, Idempotency_Key=key)
        assert shown(theirs) == shown(nobodys)


def test_a_filter_by_a_foreign_id_finds_what_one_by_no_id_finds(rig: Rig, foreign: str) -> None:
    facilitator, sari = rig.facilitator()
    service = rig.service(rig.agency()[0])
    own = rig.household(facilitator)
    rig.referral(own, service, sari)
    rig.referral(foreign, service)
    head = rig.services.log.head()
    for path, name, theirs in (
        ("/v1/referrals", "household", foreign),
        ("/v1/households", "facilitator", facilitator),
        ("/v1/follow-up", "facilitator", facilitator),
        ("/v1/graduations/proposals", "facilitator", facilitator),
    ):
        found = rig.get(path, FAR_OFFICER, **{name: theirs}, after=head)
        assert shown(found) == shown(rig.get(path, FAR_OFFICER, **{name: str(uuid4())}, after=head)), path


def test_in_a_body_a_foreign_referral_is_like_none(rig: Rig, foreign: str) -> None:
    service = rig.service(rig.agency()[0], regions=[])
    earlier = rig.referral(foreign, service)
    own = str(rig.post("/v1/households", registration(region="33.74.01.1001"), FAR_OFFICER).json()["id"])
    theirs, nobodys = (
        rig.post(f"/v1/households/{own}/referrals", need(service, previous=previous), FAR_OFFICER, None)
        for previous in (earlier, str(uuid4()))
    )
    assert theirs.status_code >= 400
    assert shown(theirs) == shown(nobodys)


def test_a_foreign_referral_is_like_none(rig: Rig, foreign: str) -> None:
    referral = rig.referral(foreign, rig.service(rig.agency()[0]))
    _, stranger = rig.agency()
    head = rig.services.log.head()
    for who in (FAR_OFFICER, stranger):
        for path in ("", "/actions"):
            theirs = rig.get(f"/v1/referrals/{referral}{path}", who, 404, after=head)
            assert shown(theirs) == shown(rig.get(f"/v1/referrals/{uuid4()}{path}", who, 404, after=head))
    for headers in ({}, {"If_Match": '"1"'}, {"If_Match": '"9"'}):
        theirs = rig.post(f"/v1/referrals/{referral}/accept", {}, stranger, 404, **headers)
        assert shown(theirs) == shown(rig.post(f"/v1/referrals/{uuid4()}/accept", {}, stranger, 404, **headers))


def test_a_look_up_of_a_foreign_number_is_like_one_of_none(rig: Rig) -> None:
    kk, nik = new_kk(), new_nik()
    rig.household(kk=kk, members=[{"nik": nik, "name": "Siti", "birth_date": "1990-01-01", "head": True}])
    for body, nobodys in (({"kk": kk}, {"kk": new_kk()}), ({"nik": nik}, {"nik": new_nik()})):
        theirs = rig.post("/v1/households/lookup", body, FAR_OFFICER, 404)
        assert shown(theirs) == shown(rig.post("/v1/households/lookup", nobodys, FAR_OFFICER, 404))


def times(ask: Callable[[], Any], times: int = 15) -> list[float]:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append(time.perf_counter() - began)
    return found


def test_a_look_up_tells_by_its_time_neither_that_there_is_one_elsewhere_nor_that_there_is_none(rig: Rig) -> None:
    kk = new_kk()
    household = rig.household(kk=kk)
    for decile in range(1, 11):
        rig.post(f"/v1/households/{household}/ranks", {**RANK, "decile": decile})
    theirs = times(lambda: rig.post("/v1/households/lookup", {"kk": kk}, FAR_OFFICER, 404))
    nobodys = times(lambda: rig.post("/v1/households/lookup", {"kk": new_kk()}, FAR_OFFICER, 404))
    assert min(theirs + nobodys) >= LEAST
    assert statistics.median(theirs) < 1.5 * statistics.median(nobodys)


def test_a_number_that_is_found_is_not_kept_waiting(rig: Rig) -> None:
    kk = new_kk()
    rig.household(kk=kk)
    assert min(times(lambda: rig.post("/v1/households/lookup", {"kk": kk}, MINISTRY, 200))) < LEAST
