"""Tokens of a whole Rujukan: its own issuer in development, another one, and production, which has neither."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx

from tests.infra.oidc.jwks_server import jwks_server
from tests.issuer import bearer

AGENCY = "390889b8-8239-5b50-a8b7-909e5d732455"
ISSUER = "/development-issuer"


def status_of(whole: Any, token: str) -> tuple[int, str]:
    answer = httpx.get(f"{whole.url}/v1/programmes", headers=bearer(token), timeout=30)
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


def printed(whole: Any, *words: str) -> str:
    ran = whole.run("token", *words)
    assert ran.returncode == 0, ran.stderr
    return str(ran.stdout.strip())


def for_client(whole: Any, client: str) -> str:
    """As an agency's system asks for it."""
    secret = (whole.home / "development-client-secret").read_text().strip()
    endpoint = httpx.get(f"{whole.url}{ISSUER}/.well-known/openid-configuration").json()["token_endpoint"]
    answer = httpx.post(endpoint, data={"grant_type": "client_credentials"}, auth=(client, secret))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def as_pasted(shown: str) -> Any:
    """What the request answers that `rujukan up` shows, in a shell that knows of nothing."""
    (line,) = [line for line in shown.splitlines() if line.startswith("curl ")]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("RUJUKAN_")}
    ran = subprocess.run(["bash", "-c", line], cwd="/", env=plain, capture_output=True, timeout=60, check=True)
    return json.loads(ran.stdout)


def security_log(home: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (home / "log" / "rujukan.log").read_text().splitlines()]
    return [line for line in lines if line["logger"] == "security"]


def test_the_issuer_of_development_serves_people_systems_and_other_apis(whole: Any, other: Any) -> None:
    whole.start("--sample")
    assert as_pasted(whole.output.read_text())["rows"]
    analyst = printed(whole, "--role", "analyst", "--sub", "analyst-1")
    assert status_of(whole, analyst) == (200, "")
    system = for_client(whole, AGENCY)
    inbox = httpx.get(f"{whole.url}/v1/referrals", headers=bearer(system)).json()["items"]
    assert inbox
    assert {row["agency"] for row in inbox} == {AGENCY}

    other.variables = {"RUJUKAN_OIDC_ISSUER": whole.url + ISSUER, "RUJUKAN_OIDC_AUDIENCE": "rujukan"}
    other.start()
    assert [status_of(other, token) for token in (analyst, system)] == [(200, "")] * 2
    assert httpx.get(f"{other.url}{ISSUER}/jwks.json").status_code == 404
    assert other.run("token", "--role", "analyst", "--sub", "a").returncode == 1

    rotated = printed(whole, "--role", "analyst", "--sub", "analyst-1", "--rotate")
    assert [status_of(whole, token) for token in (rotated, analyst)] == [(200, "")] * 2
    whole.kill(database=True)
    assert [status_of(other, token) for token in (analyst, system)] == [(200, "")] * 2, (
        "keys known are good for a while"
    )


def test_production_takes_the_tokens_of_its_issuer_and_no_others(whole: Any) -> None:
    strange = printed(whole, "--role", "administrator", "--sub", "a")
    with jwks_server() as server:
        whole.variables = {
            "RUJUKAN_ENV": "production",
            "RUJUKAN_MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
            "RUJUKAN_OIDC_ISSUER": server.url,
            "RUJUKAN_OIDC_AUDIENCE": "rujukan",
            "RUJUKAN_ALLOWED_HOSTS": "127.0.0.1",
        }
        whole.start()
        token = server.issuer.token(sub="a", rujukan_role="administrator")
        assert status_of(whole, token) == (200, "")
        assert status_of(whole, strange) == (401, "token-key")
        for path in ("/jwks.json", "/token", "/.well-known/openid-configuration"):
            assert httpx.get(whole.url + ISSUER + path).status_code == 404
        refused = whole.run("token", "--role", "administrator", "--sub", "a")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "is for development" in refused.stderr
        assert httpx.get(f"{whole.url}/v1/programmes").json()["code"] == "missing-identity"
        assert whole.stop() == 0
    logged = security_log(whole.home)
    refusals = [line["code"] for line in logged if line["event"] == "identity-refused"]
    assert refusals == ["token-key", "missing-identity"]
    assert logged[0]["iss"].endswith(ISSUER)
    everything = (whole.home / "log" / "rujukan.log").read_text()
    assert not any(part in everything for part in (*strange.split("."), *token.split(".")))


def test_production_does_not_begin_without_an_issuer_or_with_one_of_development(whole: Any) -> None:
    production = {"RUJUKAN_ENV": "production", "RUJUKAN_MASTER_KEY": base64.b64encode(bytes(32)).decode()}
    for given, said in (
        ({}, "RUJUKAN_OIDC_ISSUER must be given when RUJUKAN_ENV=production"),
        ({"RUJUKAN_OIDC_ISSUER": "https://issuer.test"}, "RUJUKAN_OIDC_AUDIENCE must be given"),
        (
            {"RUJUKAN_OIDC_ISSUER": whole.url + ISSUER, "RUJUKAN_OIDC_AUDIENCE": "rujukan"},
            "not be a development issuer",
        ),
        ({"RUJUKAN_OIDC_ISSUER": "http://issuer.test", "RUJUKAN_OIDC_AUDIENCE": "rujukan"}, "must begin with https://"),
    ):
        whole.variables = {**production, **given}
        ran = whole.run("up")
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
        assert said in ran.stderr
    assert not whole.home.exists()
