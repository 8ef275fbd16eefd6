"""A command repeated under its idempotency key is done once, whoever repeats it and whatever happened since."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import psycopg
import pytest

from tests.api.rig import MINISTRY, OFFICER, Rig, a_member, identity, new_key, registration

VISIT = {"purpose": "verification", "result": "done"}


def test_a_repeated_registration_is_answered_again_and_done_once(rig: Rig) -> None:
    body, key = registration(), new_key()
    first = rig.post("/v1/households", body, Idempotency_Key=key)
    before = rig.count_events()
    again = rig.post("/v1/households", body, Idempotency_Key=key)
    assert rig.count_events() == before
    assert again.json() == first.json()
    for header in ("Location", "ETag", "Rujukan-Position"):
        assert again.headers[header] == first.headers[header]


def test_the_body_counts_as_it_is_understood(rig: Rig) -> None:
    body, key = registration(), new_key()
    first = rig.post("/v1/households", body, Idempotency_Key=key).json()
    spelt = {**dict(reversed(body.items())), "address": f"  {body['address']} "}
    assert rig.post("/v1/households", spelt, Idempotency_Key=key).json() == first


def test_another_body_under_the_key_is_refused(rig: Rig) -> None:
    key = new_key()
    rig.post("/v1/households", registration(), Idempotency_Key=key)
    before = rig.count_events()
    problem = rig.post("/v1/households", registration(), expect=422, Idempotency_Key=key).json()
    assert problem["type"] == "/problems/idempotency-key-reused"
    assert rig.count_events() == before


def test_a_key_belongs_to_its_caller_and_route(rig: Rig) -> None:
    key = new_key()
    one, other = rig.household(), rig.household()
    done = rig.post(f"/v1/households/{one}/visits", VISIT, Idempotency_Key=key).json()
    assert rig.post(f"/v1/households/{other}/visits", VISIT, Idempotency_Key=key).json()["id"] == other
    elsewhere = rig.post(f"/v1/households/{one}/visits", {**VISIT, "result": "confirmed"}, OFFICER, Idempotency_Key=key)
    assert elsewhere.json()["version"] == done["version"] + 1


def test_a_command_that_needed_no_event_leaves_its_receipt_too(rig: Rig) -> None:
    household, key = rig.household(), new_key()
    path = f"/v1/households/{household}/visits"
    rig.post(path, VISIT)
    satisfied = rig.post(path, VISIT, expect=200, Idempotency_Key=key).json()
    assert satisfied["satisfied"] is True
    rig.post(path, {**VISIT, "result": "confirmed"})
    assert rig.post(path, VISIT, expect=200, Idempotency_Key=key).json() == satisfied


def test_steps_that_answer_200_are_answered_the_same_again(rig: Rig) -> None:
    agency, officer = rig.agency()
    referral, key, other = rig.referral(rig.household(), rig.service(agency)), new_key(), new_key()
    path = f"/v1/referrals/{referral}/received"
    done = rig.post(path, who=officer, expect=200, Idempotency_Key=key).json()
    satisfied = rig.post(path, who=officer, expect=200, Idempotency_Key=other).json()
    assert (done["satisfied"], satisfied["satisfied"]) == (False, True)
    rig.post(f"/v1/referrals/{referral}/accept", who=officer, expect=200)
    assert rig.post(path, who=officer, expect=200, Idempotency_Key=key).json() == done
    assert rig.post(path, who=officer, expect=200, Idempotency_Key=other).json() == satisfied


def test_a_refused_command_is_not_kept_and_may_succeed_later(rig: Rig) -> None:
    household, key = rig.household(), new_key()
    rig.programme("sembako")
    body = {"programme": "sembako", "reason": "ineligible"}
    path = f"/v1/households/{household}/discontinuations"
    rig.post(path, body, expect=409, Idempotency_Key=key)
    rig.post(f"/v1/households/{household}/enrolments", {"programme": "sembako", "on": "2026-01-01"})
    rig.post(path, body, Idempotency_Key=key)


def test_a_repetition_is_answered_under_the_present_rights(rig: Rig) -> None:
    registrar, key, body = identity("registrar-2", "facilitator"), new_key(), registration()
    household = rig.post("/v1/households", body, registrar, Idempotency_Key=key).json()["id"]
    visit_key = new_key()
    rig.post(f"/v1/households/{household}/visits", VISIT, registrar, Idempotency_Key=visit_key)
    facilitator, _ = rig.facilitator()
    rig.post(f"/v1/households/{household}/assignments", {"facilitator": facilitator})
    rig.post(f"/v1/households/{household}/visits", VISIT, registrar, 404, Idempotency_Key=visit_key)
    before = rig.count_events()
    told = rig.post("/v1/households", body, registrar, 404, Idempotency_Key=key).text
    assert household not in told
    assert rig.count_events() == before


def test_however_an_id_is_spelt_its_route_is_one(rig: Rig) -> None:
    household, key = rig.household(), new_key()
    done = rig.post(f"/v1/households/{household}/visits", VISIT, Idempotency_Key=key).json()
    for spelt in (household.upper(), f"urn:uuid:{household}", f"{{{household}}}", household.replace("-", "")):
        assert rig.post(f"/v1/households/{spelt}/visits", VISIT, Idempotency_Key=key).json() == done


def test_of_many_at_once_under_one_key_one_is_carried_out(rig: Rig) -> None:
    body, key = registration(), new_key()
    with ThreadPoolExecutor(8) as callers:
        answers = list(
            callers.map(lambda _: rig.post("/v1/households", body, expect=None, Idempotency_Key=key), range(8))
        )
    assert {answer.status_code for answer in answers} <= {201, 409}
    ids = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(ids) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["type"] == "/problems/in-progress"
            assert int(answer.headers["Retry-After"]) > 0
    assert rig.post("/v1/households", body, Idempotency_Key=key).json()["id"] in ids


def test_while_one_is_carried_out_another_under_its_key_is_told_to_wait(rig: Rig) -> None:
    body, key, before = registration(), new_key(), rig.count_events()
    held, released = Event(), Event()

    def hold_the_log() -> None:
        with psycopg.connect(rig.url) as connection:
            connection.execute("LOCK TABLE rujukan_events IN EXCLUSIVE MODE")
            held.set()
            released.wait(20)

    with ThreadPoolExecutor(2) as callers:
        holding = callers.submit(hold_the_log)
        assert held.wait(10)
        first = callers.submit(rig.post, "/v1/households", body, Idempotency_Key=key)
        wait_until(lambda: _waiting_for_the_log(rig))
        second = rig.post("/v1/households", body, expect=None, Idempotency_Key=key)
        assert (second.status_code, second.json()["type"]) == (409, "/problems/in-progress")
        assert "Retry-After" in second.headers
        released.set()
        holding.result(20)
        first.result(20)
    assert rig.count_events() == before + 2


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("It never came to that.")


def _waiting_for_the_log(rig: Rig) -> bool:
    with psycopg.connect(rig.url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'relation' AND NOT granted AND d.datname = current_database()"
        ).fetchone()
    return row is not None and row[0] > 0


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "kunci-é"])
def test_a_malformed_key_is_refused(rig: Rig, key: str) -> None:
    headers = {**MINISTRY, "Idempotency-Key": key.encode("latin-1")}
    answer = rig.client.post("/v1/households", json=registration(), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-idempotency-key")


def test_nothing_personal_is_kept_with_a_receipt(rig: Rig) -> None:
    body, key = registration(members=[a_member(name="Kanari")]), new_key()
    rig.post("/v1/households", body, Idempotency_Key=key)
    with psycopg.connect(rig.url) as connection:
        (row,) = connection.execute("SELECT i::text FROM idempotency i WHERE key = %s", [key]).fetchall()
    for secret in (body["kk"], body["address"], "Kanari"):
        assert secret not in row[0]
