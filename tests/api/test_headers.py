"""What every answer says to browsers and proxies, and what a request's own head may be."""

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import build
from api.heads import LONGEST
from tests.api.rig import MINISTRY, Rig, client_of

EVERY = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
REST = {"X-Rest": "x" * 6_000}
"""Clients for tests send no longer addresses; with this it is too much in all."""
ORIGINS = ["https://example.org", "null", "http://127.0.0.1:8000", "https://rujukan.example.go.id"]


def answers(rig: Rig) -> list[Any]:
    """Of every kind: found, made, refused by each part, and pages."""
    huge = {"content": b"x" * 1_000_001}
    return [
        rig.get("/v1/programmes"),
        rig.get(f"/v1/households/{rig.household()}", expect=None),
        rig.get("/v1/programmes", {}, 401),
        rig.get("/v1/none", expect=404),
        rig.get("/v1/households", expect=422, x="1"),
        rig.client.post("/v1/households", headers=MINISTRY, **huge),
        rig.client.get("/livez", headers={"X": "x" * LONGEST}),
        rig.get("/livez", {}),
        rig.get("/metrics", {}),
        rig.get("/docs", {}),
        rig.get("/openapi.json", {}),
        rig.client.request("TRACE", "/v1/programmes", headers=MINISTRY),
    ]


def test_every_answer_is_nobodys_to_keep_to_frame_to_embed_or_to_guess_the_type_of(rig: Rig) -> None:
    for answer in answers(rig):
        assert (
            EVERY.items() <= dict(answer.headers.items()).items()
            or {name: answer.headers.get(name) for name in EVERY} == EVERY
        )
        policy = answer.headers["Content-Security-Policy"]
        for directive in ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
            assert directive in policy
        assert "Server" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers, "in development callers come by http"


def test_in_production_every_answer_demands_https_for_a_year(rig: Rig) -> None:
    secure = replace(rig, client=client_of(build(rig.services, secure=True)))
    for answer in answers(secure):
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_documentation_runs_its_own_scripts_alone(rig: Rig) -> None:
    answer = rig.get("/docs", {})
    inline = re.findall(rb"<script>(.*?)</script>", answer.content, re.DOTALL)
    digests = [f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in inline]
    (scripts,) = re.findall(r"script-src ([^;]*)", answer.headers["Content-Security-Policy"])
    assert scripts.split() == ["'self'", *digests]
    assert len(digests) == 1
    assert not re.search(rb"\son\w+=", answer.content), "attributes that hold scripts would be refused"


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_page_of_any_origin_may_ask_through_a_browser(rig: Rig, origin: str, method: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x"}
    for path in ("/v1/households", "/v1/households/lookup", "/v1/programmes", "/livez", "/docs", "/v1/none"):
        preflight = rig.client.options(path, headers=asked)
        assert preflight.status_code in (404, 405)
        answered = rig.client.get(path, headers={**MINISTRY, "Origin": origin})
        for answer in (preflight, answered):
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "X" * 500])
def test_methods_that_are_not_ours_are_refused(rig: Rig, method: str) -> None:
    answer = rig.client.request(method, "/v1/households", headers={**MINISTRY, "X-Echo": "canary"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    "parts",
    [
        {"url": "/v1/households?cursor=" + "x" * 60_000, "headers": REST},
        {"url": "/v1/households?" + "&".join(f"a{n}=1" for n in range(8_000)), "headers": REST},
        {"url": "/v1/" + "x" * 60_000, "headers": REST},
        {"url": "/v1/households", "headers": {"X-Long": "x" * LONGEST}},
        {"url": "/v1/households", "headers": {f"X-{n}": "x" for n in range(20_000)}},
        {"url": "/v1/households", "headers": {"Authorization": "Bearer " + "x" * LONGEST}},
        {"url": "/v1/households", "headers": {"If-Match": "x" * LONGEST}},
        {"url": "/v1/households", "cookies": {"a": "x" * LONGEST}},
    ],
    ids=["cursor", "parameters", "path", "header", "headers", "token", "tag", "cookie"],
)
def test_a_head_too_large_is_refused_whatever_it_is_made_of(rig: Rig, parts: dict[str, Any]) -> None:
    with TestClient(rig.app, base_url="http://127.0.0.1:8000", cookies=parts.get("cookies")) as client:
        answer = client.get(parts["url"], headers={**MINISTRY, **parts.get("headers", {})})
    assert (answer.status_code, answer.json()["type"]) == (431, "/problems/head-too-large")
    assert list(answer.json()) == ["type", "title", "status", "code", "detail"]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("rujukan.example.go.id", 200),
        ("Rujukan.Example.go.id:443", 200),
        ("[fd00::7]:8000", 200),
        ("evil.example", 421),
        ("rujukan.example.go.id.evil.example", 421),
        ("127.0.0.1", 421),
        ("", 421),
        ("rujukan.example.go.id@evil.example", 421),
    ],
)
def test_only_callers_of_the_hosts_that_are_set_are_answered(rig: Rig, host: str, status: int) -> None:
    client = client_of(build(rig.services, hosts={"rujukan.example.go.id", "[fd00::7]"}))
    answer = client.get("/v1/programmes", headers={**MINISTRY, "Host": host})
    assert answer.status_code == status
    if status == 421:
        assert answer.json()["code"] == "unknown-host"
        assert not host or host not in answer.text


def test_two_hosts_are_none(rig: Rig) -> None:
    answer = rig.client.get("/livez", headers=[("Host", "a"), ("Host", "b")])
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-host")
