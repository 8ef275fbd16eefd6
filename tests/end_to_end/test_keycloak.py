"""Rujukan with a real Keycloak, set up by the files of `infra/keycloak`."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.end_to_end.keycloak import Keycloak, has_java, keycloak
from tests.end_to_end.test_tokens import security_log, status_of
from tests.issuer import bearer

AGENCY, OTHER_AGENCY = "390889b8-8239-5b50-a8b7-909e5d732455", "1e00f051-c4a2-5dec-a5c6-7b584575e6fd"
ASKED_AGAIN_WITHIN = 90.0
"""Seconds: an issuer is asked for keys only so often, whatever tokens name."""
pytestmark = [
    pytest.mark.xdist_group("keycloak"),
    pytest.mark.skipif(not has_java(), reason="Keycloak needs Java 17 or newer, and there is none"),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[Keycloak]:
    with keycloak() as running:
        yield running


@pytest.fixture
def served(provider: Keycloak, whole: Any) -> Any:
    whole.variables = {"RUJUKAN_OIDC_ISSUER": provider.issuer, "RUJUKAN_OIDC_AUDIENCE": "rujukan"}
    whole.start("--sample")
    return whole


def test_people_and_systems_come_in_with_keycloaks_tokens_each_to_what_is_theirs(
    provider: Keycloak, served: Any
) -> None:
    passwords = {
        "kendal": provider.add_user("kendal", "regional_officer", "33.24"),
        "kemensos": provider.add_user("kemensos", "programme_officer"),
        "nobody": provider.add_user("nobody", "uma_authorization"),
        "far": provider.add_user("far", "regional_officer", "Jawa Tengah"),
    }
    tokens = {name: provider.log_in(name, password) for name, password in passwords.items()}

    officer = tokens["kendal"]["access_token"]
    found = httpx.get(f"{served.url}/v1/households", headers=bearer(officer), timeout=30).json()["items"]
    assert found
    assert {row["region"][:5] for row in found} == {"33.24"}
    assert httpx.get(f"{served.url}/v1/refusals", headers=bearer(officer)).status_code == 403
    assert status_of(served, tokens["kemensos"]["access_token"]) == (200, "")

    secrets = {agency: provider.add_agency(agency) for agency in (AGENCY, OTHER_AGENCY)}
    for agency, secret in secrets.items():
        system = bearer(provider.for_client(agency, secret))
        inbox = httpx.get(f"{served.url}/v1/referrals", headers=system, timeout=30).json()["items"]
        assert {row["agency"] for row in inbox} == {agency}
        assert httpx.get(f"{served.url}/v1/households", headers=system).status_code == 403

    refused = {
        "no role of ours": (tokens["nobody"]["access_token"], "token-role"),
        "a scope that is no region": (tokens["far"]["access_token"], "token-scope"),
        "who one is, not what one may": (tokens["kendal"]["id_token"], "token-audience"),
        "a token to get tokens with": (tokens["kendal"]["refresh_token"], "token-algorithm"),
    }
    for why, (token, code) in refused.items():
        assert status_of(served, token) == (401, code), why
    assert {line["code"] for line in security_log(served.home)} >= {code for _, code in refused.values()}


def test_a_new_key_of_keycloaks_is_found_and_tokens_of_the_old_one_stay_good(provider: Keycloak, served: Any) -> None:
    password = provider.add_user("rotating", "analyst")
    before = provider.log_in("rotating", password)["access_token"]
    assert status_of(served, before) == (200, "")
    provider.rotate()
    after = provider.log_in("rotating", password)["access_token"]
    assert after.partition(".")[0] != before.partition(".")[0]
    deadline = time.monotonic() + ASKED_AGAIN_WITHIN
    while (found := status_of(served, after)) == (401, "token-key") and time.monotonic() < deadline:
        time.sleep(1)
    assert found == (200, "")
    assert status_of(served, before) == (200, "")


def test_nobody_changes_their_own_scope(provider: Keycloak) -> None:
    password = provider.add_user("climber", "regional_officer", "33.24.04")
    token = provider.log_in("climber", password)["access_token"]
    account = httpx.post(
        f"{provider.issuer}/account",
        json={"username": "climber", "attributes": {"rujukan_scope": ["33"]}},
        headers=bearer(token),
    )
    (user,) = provider.manage("GET", "/users?username=climber&exact=true").json()
    assert not account.is_success
    assert user["attributes"]["rujukan_scope"] == ["33.24.04"]
