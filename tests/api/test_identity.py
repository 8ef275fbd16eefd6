"""Who may say who they are, and how."""

import base64
import json
from collections.abc import Iterator

import pytest

from api.app import build
from tests.api.rig import ANALYST, MINISTRY, Rig, client_of, identity

AGENCY = "2f0cbe30-8d43-4a4e-a6a0-2f3c6d4e5f60"


def token(text: str) -> dict[str, str]:
    return {"Authorization": f"Dev {base64.urlsafe_b64encode(text.encode()).decode()}"}


def malformed() -> Iterator[dict[str, str]]:
    yield {"Authorization": ""}
    yield {"Authorization": "Dev"}
    yield {"Authorization": "Bearer abc"}
    yield {"Authorization": "Dev !!!"}
    yield {"Authorization": "Dev " + "A" * 5000}
    yield token("not json")
    yield token("[" * 100_000)
    yield token("null")
    yield token(json.dumps({"role": "analyst"}))
    yield token(json.dumps({"sub": "", "role": "analyst"}))
    yield token(json.dumps({"sub": "a\x00b", "role": "analyst"}))
    yield token(json.dumps({"sub": "x" * 201, "role": "analyst"}))
    yield token(json.dumps({"sub": 7, "role": "analyst"}))
    yield token(json.dumps({"sub": "a", "role": "minister"}))
    yield token(json.dumps({"sub": "a", "role": "clock"}))
    yield token(json.dumps({"sub": "a", "role": ["analyst"]}))
    yield token(json.dumps({"sub": "a", "role": "regional_officer", "scope": ""}))
    yield token(json.dumps({"sub": "a", "role": "regional_officer", "scope": "33.2"}))
    yield token(json.dumps({"sub": "a", "role": "agency_officer", "scope": "BAZNAS"}))
    yield token(json.dumps({"sub": "a", "role": "facilitator", "scope": "not an id"}))
    yield token(json.dumps({"sub": "a", "role": "analyst", "scope": 33}))


@pytest.mark.parametrize("headers", list(malformed()), ids=lambda headers: headers["Authorization"][:40])
def test_a_caller_who_does_not_say_who_they_are_is_told_how_to(rig: Rig, headers: dict[str, str]) -> None:
    answer = rig.get("/v1/programmes", headers, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Dev")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_without_a_header_the_problem_is_named(rig: Rig) -> None:
    problem = rig.get("/v1/programmes", {}, 401).json()
    assert problem["type"] == "/problems/missing-identity"
    assert problem["status"] == 401


def test_two_identities_at_once_are_none(rig: Rig) -> None:
    two = [("Authorization", MINISTRY["Authorization"]), ("Authorization", ANALYST["Authorization"])]
    assert rig.client.get("/v1/programmes", headers=two).status_code == 401


def test_the_token_may_be_padded_or_not(rig: Rig) -> None:
    for sub in ("a", "ab", "abc"):
        rig.get("/v1/programmes", token(json.dumps({"sub": sub, "role": "analyst", "scope": ""})))
        rig.get("/v1/programmes", identity(sub, "analyst"))


def test_agencies_and_regional_officers_come_with_their_scope(rig: Rig) -> None:
    rig.get("/v1/programmes", identity("a", "agency_system", AGENCY))
    rig.get("/v1/programmes", identity("a", "regional_officer", "33"))


@pytest.mark.parametrize("host", ["10.0.0.1", "192.168.1.7", "testclient", "2001:db8::1"])
def test_the_development_identity_is_accepted_from_this_machine_only(rig: Rig, host: str) -> None:
    answer = client_of(rig.app, host).get("/v1/programmes", headers=MINISTRY)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/identity-not-accepted")


def test_what_a_proxy_on_this_machine_hands_on_comes_from_elsewhere(rig: Rig) -> None:
    problem = rig.get("/v1/programmes", {**MINISTRY, "X-Forwarded-For": "10.0.0.1"}, 401).json()
    assert problem["code"] == "identity-not-accepted"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_has_several_addresses(rig: Rig, host: str) -> None:
    assert client_of(rig.app, host).get("/v1/programmes", headers=MINISTRY).status_code == 200


def test_the_development_identity_is_never_accepted_in_production(rig: Rig) -> None:
    answer = client_of(build(rig.services, development=False)).get("/v1/programmes", headers=MINISTRY)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/identity-not-accepted")
