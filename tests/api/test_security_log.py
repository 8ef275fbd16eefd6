"""Whoever is refused leaves a line that says who, where and by which code, and nothing of what was sent."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from structlog.testing import capture_logs

from api.security_log import SecurityLog
from api.seldom import Seldom
from tests.api.rig import (
    ANALYST,
    ELSEWHERE,
    FAR_OFFICER,
    MINISTRY,
    OFFICER,
    Rig,
    bounded,
    new_key,
    new_nik,
    registration,
)

Send = Callable[[Rig, str], Any]
CANARY = "3324049901900777"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """What is said in the log meanwhile."""
    structlog.reset_defaults()
    with capture_logs() as lines:
        yield lines


def refusals(lines: list[Any]) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == "request-refused"]


def reuse(rig: Rig, household: str) -> Any:
    key = new_key()
    rig.post(f"/v1/households/{household}/ranks", rank(3), OFFICER, Idempotency_Key=key)
    return rig.post(f"/v1/households/{household}/ranks", rank(4), OFFICER, None, Idempotency_Key=key)


def rank(decile: int) -> dict[str, Any]:
    return {"decile": decile, "period": "2026-Q1", "source": "dtsen"}


def register_again(rig: Rig, household: str) -> Any:
    kk = rig.latest(f"/v1/households/{household}").json()["kk"]
    return rig.post("/v1/households", registration(kk=kk, region=ELSEWHERE), FAR_OFFICER, None)


def look_up_anothers(rig: Rig, household: str) -> Any:
    kk = rig.latest(f"/v1/households/{household}").json()["kk"]
    return rig.post("/v1/households/lookup", {"kk": kk}, FAR_OFFICER, None)


REFUSED: dict[str, tuple[Send, dict[str, str]]] = {
    "a role that may not": (
        lambda rig, household: rig.get(f"/v1/households/{household}", ANALYST, None),
        {"code": "forbidden", "status": "403", "actor": "analyst-1", "role": "analyst", "route": "/v1/households/{id}"},
    ),
    "another's record": (
        lambda rig, household: rig.latest(f"/v1/households/{household}", FAR_OFFICER, 404),
        {"code": "not-found", "status": "404", "actor": "officer-2", "route": "/v1/households/{id}", "method": "GET"},
    ),
    "a command on another's record": (
        lambda rig, household: rig.post(f"/v1/households/{household}/ranks", rank(3), FAR_OFFICER, None),
        {"code": "not-found", "actor": "officer-2", "route": "/v1/households/{id}/ranks", "method": "POST"},
    ),
    "no record": (
        lambda rig, _: rig.get(f"/v1/households/{uuid4()}", OFFICER, None),
        {"code": "not-found", "status": "404", "actor": "officer-1", "route": "/v1/households/{id}"},
    ),
    "no path": (
        lambda rig, _: rig.get(f"/v1/people/{CANARY}", OFFICER, None),
        {"code": "not-found", "route": "none"},
    ),
    "a look-up of nobody": (
        lambda rig, _: rig.post("/v1/households/lookup", {"nik": new_nik()}, OFFICER, None),
        {"code": "not-found", "actor": "officer-1", "route": "/v1/households/lookup"},
    ),
    "a look-up of another's": (
        look_up_anothers,
        {"code": "not-found", "actor": "officer-2", "route": "/v1/households/lookup"},
    ),
    "what is registered": (
        register_again,
        {"code": "already-registered", "status": "409", "actor": "officer-2", "route": "/v1/households"},
    ),
    "a body too large": (
        lambda rig, _: rig.client.post("/v1/households", content=CANARY * 100_000, headers={**OFFICER, **JSON}),
        {"code": "too-large", "status": "413", "route": "none", "method": "POST"},
    ),
    "an idempotency key for another body": (
        reuse,
        {"code": "idempotency-key-reused", "status": "422", "actor": "officer-1", "route": "/v1/households/{id}/ranks"},
    ),
    "a cursor of one's own making": (
        lambda rig, _: rig.get("/v1/households", OFFICER, None, cursor=CANARY),
        {"code": "cursor-invalid", "status": "400", "actor": "officer-1", "route": "/v1/households"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_that_tells_of_an_attempt_leaves_one_line(rig: Rig, logged: list[Any], name: str) -> None:
    household = rig.household()
    send, expected = REFUSED[name]
    answer = send(rig, household)
    assert answer.json()["code"] == expected["code"], answer.text
    (line,) = refusals(logged)
    assert expected.items() <= line.items()
    assert line.keys() <= {"event", "log_level", "code", "status", "method", "route", "actor", "role"}
    assert household not in str(line)
    assert CANARY not in str(logged)


def test_whoever_asks_too_often_leaves_a_line(rig: Rig, logged: list[Any]) -> None:
    rig = bounded(rig, requests_per_minute=1)
    rig.get("/v1/programmes", OFFICER)
    rig.get("/v1/programmes", OFFICER, 429)
    (line,) = refusals(logged)
    assert (line["code"], line["actor"], line["route"]) == ("too-many-requests", "officer-1", "/v1/programmes")


@pytest.mark.parametrize("path", ["/v1/programmes", f"/v1/households/{CANARY}", f"/v1/none/{CANARY}"])
def test_what_was_right_or_only_misspelt_leaves_none_and_no_path_is_written(
    rig: Rig, logged: list[Any], path: str
) -> None:
    answer = rig.get(path, MINISTRY, None, **({"x": CANARY} if CANARY in path else {}))
    assert len(refusals(logged)) == (answer.status_code == 404)
    assert CANARY not in str(logged)


def told(security: SecurityLog, lines: list[Any], times: int, code: str = "not-found", who: str = "a") -> list[Any]:
    before = len(lines)
    for _ in range(times):
        security.tell("request-refused", code, who)
    return [line.get("so_many_this_hour") for line in lines[before:]]


def test_a_flood_leaves_few_lines_that_say_how_many_there_were(logged: list[Any]) -> None:
    security = SecurityLog(Seldom(first=5))
    assert told(security, logged, 100_000) == [None] * 5 + [2**power for power in range(3, 17)]


def test_the_flood_of_one_hides_nobody_else_and_no_other_code(logged: list[Any]) -> None:
    security = SecurityLog(Seldom(first=5))
    told(security, logged, 1000)
    assert told(security, logged, 3, who="b") == [None] * 3
    assert told(security, logged, 3, code="forbidden") == [None] * 3


def test_each_hour_begins_anew(logged: list[Any]) -> None:
    security = SecurityLog(Seldom(first=1, window=0.0))
    assert told(security, logged, 10) == [None] * 10


def test_many_callers_do_not_fill_the_memory() -> None:
    seldom = Seldom(most=100)
    for number in range(1000):
        assert seldom.number(str(number)) == 1
    assert len(seldom._counted) <= 100


def test_the_method_of_a_stranger_is_not_written_as_it_was_sent(rig: Rig, logged: list[Any]) -> None:
    rig.client.request(f"X{CANARY}", "/v1/none", headers=OFFICER)
    assert [line["method"] for line in refusals(logged)] == ["other"]
    assert CANARY not in str(logged)
