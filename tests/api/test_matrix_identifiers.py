"""Identifiers of records that are none of the caller's, in queries, bodies, cursors and idempotency keys."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.api.matrix.records import World, household, proposed, world_on
from tests.api.matrix.rules import RULES
from tests.api.rig import ADMINISTRATOR, MINISTRY, identity, need, new_key, rig_on
from tests.api.test_matrix import DESCRIBED, ROUTES, parameters
from tests.conftest import TEMPLATE
from tests.projections.conftest import fresh

NAMING = ("household", "facilitator", "agency", "region", "stream", "member")
"""Query parameters that name somebody or some place."""
PUBLIC = {"GET /v1/services"}
"""Anyone may list what is offered by whom, and where."""
NOWHERE = "31.71.01.1001"
"""A village where nobody lives here."""
LISTS = [route for route in ROUTES if route not in PUBLIC for name in NAMING if name in parameters(route)]
SCOPED = ("facilitator", "regional_officer", "agency_officer", "agency_system")
BODY_IDS = {
    "ErasureRequest": {"member"},
    "Assignment": {"facilitator"},
    "Sending": {"service", "member", "previous"},
    "Redirection": {"service", "member"},
    "ServiceIn": {"agency"},
}
"""Fields of bodies that name records: each is tried below, but for `service` and `agency`, which anyone may name."""


@pytest.fixture(scope="module")
def world(server: str) -> Iterator[World]:
    with fresh(server, TEMPLATE) as url, rig_on(url) as rig:
        yield world_on(rig)


@pytest.fixture(scope="module")
def foreign(world: World) -> dict[str, dict[str, str]]:
    """For each role the ids of what is another's, which there is: a family with a proposal and a referral."""
    found = {}
    for role in SCOPED:
        side = world.foreign[role]
        home = proposed(world.rig, side, MINISTRY)["id"]
        sent = world.rig.referral(home, side.service)
        proposed(world.rig, world.own, MINISTRY)
        found[role] = {
            "household": home,
            "facilitator": side.facilitator,
            "agency": side.agency,
            "region": side.village if role == "regional_officer" else NOWHERE,
            "stream": home,
            "member": str(uuid4()),
            "referral": sent,
        }
    return found


def listed(world: World, route: str, role: str, **asked: str) -> Any:
    path = route.split()[1]
    if "after" in parameters(route):
        asked["after"] = str(world.rig.services.log.head())
    answer = world.rig.get(path, world.callers[role], **asked)
    return answer.json(), {k: v for k, v in answer.headers.items() if k not in ("date", "content-length")}


@pytest.mark.parametrize("route", sorted(set(LISTS)))
def test_a_list_of_what_is_anothers_is_the_list_of_nothing(
    world: World, foreign: dict[str, dict[str, str]], route: str
) -> None:
    for role in sorted(RULES[route].may & set(SCOPED)):
        for name in set(NAMING) & set(parameters(route)):
            nothing = NOWHERE if name == "region" else str(uuid4())
            theirs, none = (listed(world, route, role, **{name: value}) for value in (foreign[role][name], nothing))
            assert theirs == none, (role, name)


@pytest.mark.parametrize("route", ["/v1/households", "/v1/referrals", "/v1/follow-up", "/v1/graduations/proposals"])
def test_a_list_without_filters_holds_nothing_of_anothers(
    world: World, foreign: dict[str, dict[str, str]], route: str
) -> None:
    for role in sorted(RULES[f"GET {route}"].may & set(SCOPED)):
        shown = world.rig.latest(route, world.callers[role], limit=500).text
        assert foreign[role]["household"] not in shown, role
        assert foreign[role]["referral"] not in shown, role


def test_every_field_of_a_body_that_names_a_record_is_tried() -> None:
    bodies = {
        name: {field for field, schema in described.get("properties", {}).items() if '"uuid"' in _json(schema)}
        for name, described in DESCRIBED["components"]["schemas"].items()
        if name in _taken()
    }
    assert {name: fields for name, fields in bodies.items() if fields} == BODY_IDS


def _taken() -> set[str]:
    """The schemas of what is sent."""
    bodies = [
        verbs["post"].get("requestBody", {}).get("content", {})
        for verbs in DESCRIBED["paths"].values()
        if "post" in verbs
    ]
    json_ones = [body["application/json"] for body in bodies if "application/json" in body]
    return {body["schema"]["$ref"].rsplit("/", 1)[1] for body in json_ones}


def _json(schema: Any) -> str:
    return json.dumps(schema)


@pytest.mark.parametrize("role", ["facilitator", "regional_officer"])
def test_a_household_is_given_to_no_one_out_of_reach(world: World, role: str) -> None:
    own, far = household(world.rig, world.own, MINISTRY)["id"], world.foreign["regional_officer"].facilitator
    path, who = f"/v1/households/{own}/assignments", world.callers[role]
    foreign, missing = (
        world.rig.post(path, {"facilitator": someone}, who, 422).json() for someone in (far, str(uuid4()))
    )
    assert foreign == missing
    assert foreign["code"] == "unknown-facilitator"
    world.rig.post(path, {"facilitator": world.foreign["facilitator"].facilitator}, who)


@pytest.mark.parametrize("role", ["facilitator", "regional_officer", "programme_officer"])
def test_a_referral_names_neither_a_member_nor_a_referral_of_another_family(world: World, role: str) -> None:
    rig, who = world.rig, world.callers[role]
    own, theirs = (household(rig, side, MINISTRY)["id"] for side in (world.own, world.foreign[role]))
    ended = rig.referral(theirs, world.own.service)
    rig.post(f"/v1/referrals/{ended}/decline", {"reason": "no_budget"}, world.own.agent, 200)
    stranger = rig.latest(f"/v1/households/{theirs}").json()["members"][0]["id"]
    declined = rig.referral(own, world.own.service)
    rig.post(f"/v1/referrals/{declined}/decline", {"reason": "no_budget"}, world.own.agent, 200)
    for path, field, foreign in (
        (f"/v1/households/{own}/referrals", "member", stranger),
        (f"/v1/households/{own}/referrals", "previous", ended),
        (f"/v1/referrals/{declined}/redirect", "member", stranger),
    ):
        answers = [
            rig.post(path, need(world.own.service, **{field: named}), who, 422).json()
            for named in (foreign, str(uuid4()))
        ]
        assert answers[0] == answers[1]
        assert answers[0]["field"] == field


def test_an_erasure_is_asked_for_no_member_of_another_family(world: World) -> None:
    rig = world.rig
    own, theirs = (household(rig, side, MINISTRY)["id"] for side in (world.own, world.foreign["facilitator"]))
    stranger = rig.latest(f"/v1/households/{theirs}").json()["members"][0]["id"]
    path = f"/v1/households/{own}/erasures"
    answers = [
        rig.post(path, {"reason": "own_request", "member": named}, MINISTRY, None) for named in (stranger, str(uuid4()))
    ]
    assert answers[0].status_code in (404, 409, 422)
    assert answers[0].json() == answers[1].json()


def test_an_idempotency_key_of_another_caller_replays_nothing(world: World) -> None:
    rig, key = world.rig, new_key()
    visit = {"purpose": "verification", "result": "done"}
    theirs = household(rig, world.foreign["regional_officer"], MINISTRY)["id"]
    path = f"/v1/households/{theirs}/visits"
    rig.post(path, visit, MINISTRY, Idempotency_Key=key)
    nowhere = f"/v1/households/{uuid4()}/visits"
    for role in ("facilitator", "regional_officer"):
        who = world.callers[role]
        answers = [rig.post(p, visit, who, 404, Idempotency_Key=key) for p in (path, nowhere)]
        assert answers[0].json() == answers[1].json()
        assert "etag" not in answers[0].headers
    namesake = identity("ministry-1", "regional_officer", "33.24")
    rig.post(path, visit, namesake, 404, Idempotency_Key=key)


def test_a_cursor_of_another_caller_leads_to_the_own_records_alone(world: World) -> None:
    side = world.foreign["facilitator"]
    for _ in range(3):
        household(world.rig, side, MINISTRY)
    theirs = identity("facilitator-2", "facilitator", side.facilitator)
    page = world.rig.latest("/v1/households", theirs, limit=1).json()
    shown = world.rig.latest(
        "/v1/households", world.callers["facilitator"], cursor=page["next_cursor"], limit=500
    ).json()
    own = world.rig.latest("/v1/households", world.callers["facilitator"], limit=500).json()
    assert {row["id"] for row in shown["items"]} <= {row["id"] for row in own["items"]}


def test_a_service_is_published_for_an_agency_that_there_is(world: World) -> None:
    body = {"agency": str(uuid4()), "name": "Modal", "kind": "capital", "response_days": 5}
    assert world.rig.post("/v1/services", body, ADMINISTRATOR, 422).json()["code"] == "unknown-agency"
