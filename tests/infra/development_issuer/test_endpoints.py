"""The development issuer over HTTP: what it describes, and tokens for client credentials."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from domain.values import Actor, Role
from infra.bootstrap import verifier_of
from infra.development_issuer.endpoints import endpoints
from infra.development_issuer.issuer import DevelopmentIssuer, development_issuer
from infra.settings import Settings
from infra.time import FixedTime

NOW = datetime(2026, 6, 15, tzinfo=UTC)
AGENCY = "2f0cbe30-8d43-4a4e-a6a0-2f3c6d4e5f60"


@pytest.fixture
def issuer(tmp_path: Path) -> DevelopmentIssuer:
    return development_issuer(Settings(home=tmp_path))


@pytest.fixture
def client(issuer: DevelopmentIssuer) -> TestClient:
    return TestClient(endpoints(issuer, FixedTime(NOW)))


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def test_it_describes_itself_and_publishes_its_keys(client: TestClient, issuer: DevelopmentIssuer) -> None:
    described = client.get("/.well-known/openid-configuration").json()
    assert described["issuer"] == issuer.terms.issuer == "http://127.0.0.1:8000/development-issuer"
    assert described["jwks_uri"] == f"{described['issuer']}/jwks.json"
    assert described["token_endpoint"] == f"{described['issuer']}/token"
    assert client.get("/jwks.json").json() == issuer.files.jwks()


@pytest.mark.parametrize("in_header", [True, False], ids=["header", "body"])
def test_an_agency_system_gets_a_token_with_its_id_as_scope(
    client: TestClient, issuer: DevelopmentIssuer, in_header: bool
) -> None:
    secret = issuer.files.client_secret()
    form = {"grant_type": "client_credentials"}
    if in_header:
        answer = client.post("/token", data=form, headers=basic(AGENCY, secret))
    else:
        answer = client.post("/token", data={**form, "client_id": AGENCY, "client_secret": secret})
    given = answer.json()
    assert (answer.status_code, given["token_type"], given["expires_in"]) == (200, "Bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    settings = Settings(home=issuer.files.home)
    bearer = asyncio.run(verifier_of(settings, FixedTime(NOW)).verify(given["access_token"]))
    assert bearer == Actor(f"system-{AGENCY}", Role.AGENCY_SYSTEM, AGENCY)
    late = verifier_of(settings, FixedTime(NOW + timedelta(minutes=16)))
    with pytest.raises(Exception, match="token-expired"):
        asyncio.run(late.verify(given["access_token"]))


@pytest.mark.parametrize(
    ("name", "secret", "form", "status", "error"),
    [
        (AGENCY, "wrong", {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (AGENCY, "", {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("BAZNAS", None, {"grant_type": "client_credentials"}, 401, "invalid_client"),
        ("", None, {"grant_type": "client_credentials"}, 401, "invalid_client"),
        (AGENCY, None, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (AGENCY, None, {"scope": "x"}, 400, "invalid_request"),
        (AGENCY, None, {}, 400, "invalid_request"),
        (AGENCY, None, {"grant_type": ["client_credentials", "client_credentials"]}, 400, "invalid_request"),
        (AGENCY, None, {f"f{number}": "1" for number in range(50)}, 400, "invalid_request"),
    ],
)
def test_whoever_asks_otherwise_gets_none(
    client: TestClient, issuer: DevelopmentIssuer, name: str, secret: str | None, form: Any, status: int, error: str
) -> None:
    given = issuer.files.client_secret() if secret is None else secret
    answer = client.post("/token", data=form, headers=basic(name, given))
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Basic /w==", "Bearer abc", ""])
def test_a_header_at_fault_is_no_client(client: TestClient, header: str) -> None:
    form = {"grant_type": "client_credentials"}
    answer = client.post("/token", data=form, headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_a_body_that_is_no_form_is_refused(client: TestClient) -> None:
    answer = client.post("/token", content=b"\xff\xfe")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
