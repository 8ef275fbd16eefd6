"""Every route that there is, for every role, on the caller's own record, on another's, and on one that there is not.

What is another's is told apart from what is not there by nothing: neither status, nor body, nor header.
"""

from collections.abc import Iterator
from typing import Any, cast
from uuid import uuid4

import pytest
from httpx import Response

from api.app import build
from api.services import Services
from tests.api.matrix.records import Header, Ids, World, world_on
from tests.api.matrix.rules import ANYONE, RULES, Rule
from tests.api.rig import rig_on
from tests.conftest import TEMPLATE
from tests.projections.conftest import fresh

DESCRIBED: dict[str, Any] = build(cast(Services, None)).openapi()
ROUTES = sorted(f"{method.upper()} {path}" for path, methods in DESCRIBED["paths"].items() for method in methods)
NAMED = [route for route in ROUTES if "{" in route]
NESTED = [route for route in NAMED if route.count("{") > 1]


@pytest.fixture(scope="module")
def world(server: str) -> Iterator[World]:
    with fresh(server, TEMPLATE) as url, rig_on(url) as rig:
        yield world_on(rig)


def rule_of(route: str) -> Rule:
    assert route in RULES, f"{route} has no rule in tests/api/matrix/rules.py: say who may use it"
    return RULES[route]


def send(world: World, route: str, ids: Ids, who: Header) -> Response:
    """The body is always one that would do, so that nothing but the caller and the record decides."""
    method, path = route.split()
    if method == "GET":
        after = {"after": world.rig.services.log.head()} if "after" in parameters(route) else {}
        return cast(Response, world.rig.get(path.format(**ids), who, None, **after))
    if (file := RULES[route].file) is not None:
        return cast(Response, world.rig.client.post(path, content=file, headers={**who, "Content-Type": "text/csv"}))
    return cast(Response, world.rig.post(path.format(**ids), dict(RULES[route].body(world.own)), who, None))


def parameters(route: str) -> list[str]:
    method, path = route.split()
    found = DESCRIBED["paths"][path][method.lower()].get("parameters", [])
    return [p["name"] for p in found if p["in"] == "query"]


def missing(route: str) -> Ids:
    return {name: f"none_{uuid4().hex[:8]}" if name in ("code", "reference") else str(uuid4()) for name in names(route)}


def names(route: str) -> list[str]:
    return [part[1:-1] for part in route.split("/") if part.startswith("{")]


def made(world: World, route: str, role: str, *, foreign: bool = False) -> Ids:
    making = rule_of(route).record
    if making is None:
        return {}
    side = world.foreign[role] if foreign else world.own
    return making(world.rig, side, world.callers["programme_officer" if foreign else role])


def told(answer: Response, ids: Ids) -> tuple[int, str, dict[str, str]]:
    """All that an answer tells, but for what the caller had sent."""
    text = answer.text
    for sent in ids.values():
        text = text.replace(sent, "SENT")
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
    return answer.status_code, text, headers


def test_every_rule_is_of_a_route_that_there_is() -> None:
    assert set(RULES) == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_is_let_in_without_saying_who_they_are(world: World, route: str) -> None:
    answer = send(world, route, missing(route), {})
    if rule_of(route).open:
        assert answer.is_success
    else:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", ROUTES)
def test_a_role_that_may_not_is_told_so_whatever_the_record(world: World, route: str) -> None:
    for role in sorted(ANYONE - rule_of(route).may):
        who = world.callers[role]
        records = [missing(route)]
        if rule_of(route).record is not None:
            records += [made(world, route, "programme_officer"), made(world, route, role, foreign=True)]
        answers = [told(send(world, route, ids, who), ids) for ids in records]
        assert {status for status, _, _ in answers} == {403}, role
        assert all(answer == answers[0] for answer in answers), role


@pytest.mark.parametrize("route", ROUTES)
def test_a_role_that_may_gets_what_is_its_own(world: World, route: str) -> None:
    for role in sorted(rule_of(route).may):
        answer = send(world, route, made(world, route, role), world.callers[role])
        expected = (404,) if route == "POST /v1/households/lookup" else (200, 201)
        assert answer.status_code in expected, (role, answer.text)


@pytest.mark.parametrize("route", NAMED)
def test_what_is_not_there_is_not_found(world: World, route: str) -> None:
    for role in sorted(rule_of(route).may):
        answer = send(world, route, missing(route), world.callers[role])
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), role
        assert "etag" not in answer.headers


@pytest.mark.parametrize("route", NAMED)
def test_anothers_record_is_as_if_it_were_not_there(world: World, route: str) -> None:
    for role in sorted(r for r in rule_of(route).may if rule_of(route).scoped(r)):
        foreign, nowhere = made(world, route, role, foreign=True), missing(route)
        before = world.rig.count_events(), kept(world)
        answers = [told(send(world, route, ids, world.callers[role]), ids) for ids in (foreign, nowhere)]
        assert answers[0] == answers[1], role
        assert answers[0][0] == 404, role
        assert (world.rig.count_events(), kept(world)) == before, role


@pytest.mark.parametrize("route", NAMED)
def test_those_whose_work_is_the_whole_country_find_everything(world: World, route: str) -> None:
    rule = rule_of(route)
    for role in sorted(rule.may & rule.unscoped):
        foreign = made(world, route, role, foreign=route.split("/")[-1] != "withdraw")
        assert send(world, route, foreign, world.callers[role]).is_success, role


@pytest.mark.parametrize("route", NESTED)
def test_what_is_part_of_anothers_record_is_no_part_of_the_own_one(world: World, route: str) -> None:
    for role in sorted(rule_of(route).may):
        own, foreign = made(world, route, role), made(world, route, role, foreign=True)
        mixed, nowhere = {**foreign, "id": own["id"]}, {**missing(route), "id": own["id"]}
        answers = [told(send(world, route, ids, world.callers[role]), ids) for ids in (mixed, nowhere)]
        assert answers[0] == answers[1], role
        assert answers[0][0] in (404, 409, 422), role


def kept(world: World) -> tuple[Any, ...]:
    """What was kept of refusals and readings: of a record that the caller may not know of, nothing."""
    with world.rig.services.pool.connection() as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM refusals) AS refused, (SELECT count(*) FROM readings) AS read"
        ).fetchone()
    return tuple((row or {}).values())
