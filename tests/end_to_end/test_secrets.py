"""Secrets given wrongly, or rightly in the wrong place, stand in no output and no log."""

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from domain.values import Actor, Role
from infra.cli import app

SECRET = "Geheim7f3aQx91"
AGENCY = "390889b8-8239-5b50-a8b7-909e5d732455"
KEY = base64.b64encode(SECRET.ljust(32, "+").encode()).decode()
URL = f"postgresql://rujukan:{SECRET}@127.0.0.1:1/rujukan?connect_timeout=2"
COMMANDS = ("status", "migrate", "follow", "rebuild", "clock", "sample")
APART = {"DATABASE_URL": "postgresql://u@127.0.0.1:1/d", "KEYS_DATABASE_URL": "postgresql://k@127.0.0.1:1/k"}
WRONG: dict[str, dict[str, str]] = {
    "master key that is none": {"RUJUKAN_MASTER_KEY": SECRET},
    "master key too short": {"RUJUKAN_MASTER_KEY": base64.b64encode(SECRET.encode()).decode()},
    "database that does not answer": {**APART, "DATABASE_URL": URL},
    "database of another kind": {**APART, "DATABASE_URL": URL.replace("postgresql", "mysql")},
    "database with a password that is no part of a URL": {**APART, "DATABASE_URL": URL.replace(SECRET, f"{SECRET}%zz")},
    "database with a password that ends the address": {
        **APART,
        "DATABASE_URL": f"postgresql://u:{SECRET}/x@127.0.0.1:1/d",
    },
    "database with a password that begins a query": {
        **APART,
        "DATABASE_URL": f"postgresql://u:{SECRET}?x@127.0.0.1:1/d",
    },
    "database with a key word that is none": {**APART, "DATABASE_URL": f"{URL}&{SECRET}={SECRET}"},
    "owner that does not answer": {**APART, "DATABASE_OWNER_URL": URL},
    "owner with a password that is no part of a URL": {
        **APART,
        "DATABASE_OWNER_URL": URL.replace(SECRET, f"%{SECRET}"),
    },
    "keys that do not answer": {**APART, "KEYS_DATABASE_URL": URL},
    "keys with a password that is no part of a URL": {
        **APART,
        "KEYS_DATABASE_URL": URL.replace(SECRET, f"{SECRET}%zz"),
    },
    "keys in the same place as the log": {"DATABASE_URL": URL, "KEYS_DATABASE_URL": URL},
    "keys in no place": {"DATABASE_URL": URL},
    "vault with a token in its address": {
        "RUJUKAN_VAULT_ADDR": f"https://rujukan:{SECRET}@vault.test",
        "RUJUKAN_VAULT_TOKEN_FILE": "/nowhere",
    },
    "vault with its token for a name": {
        "RUJUKAN_VAULT_ADDR": "https://vault.test",
        "RUJUKAN_VAULT_TOKEN_FILE": "/nowhere",
        "RUJUKAN_VAULT_KEY": f"hvs.{SECRET}",
    },
    "issuer with a client's secret": {
        "RUJUKAN_OIDC_ISSUER": f"https://rujukan:{SECRET}@id.test",
        "RUJUKAN_OIDC_AUDIENCE": "rujukan",
    },
    "keys with a client's secret": {
        "RUJUKAN_OIDC_ISSUER": "https://id.test",
        "RUJUKAN_OIDC_AUDIENCE": "rujukan",
        "RUJUKAN_OIDC_JWKS_URL": f"https://id.test/keys?client_secret={SECRET}",
    },
}


def forms(secret: str) -> list[str]:
    """Plain, percent-encoded parts of it, and in base64."""
    return [secret, secret.lower(), base64.b64encode(secret.encode()).decode().rstrip("=")]


def holds(text: str) -> list[str]:
    return [form for form in forms(SECRET) if form in text]


def logs_of(whole: Any) -> str:
    found = sorted((whole.home / "log").rglob("*")) if (whole.home / "log").exists() else []
    return "\n".join(file.read_text(errors="replace") for file in found if file.is_file())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_secret_is_repeated_by_no_command(tmp_path: Path, name: str, command: str) -> None:
    variables = {"RUJUKAN_HOME": str(tmp_path), **WRONG[name]}
    ran = CliRunner().invoke(app, [command], env=variables, catch_exceptions=False)
    assert ran.exit_code == 1 or command == "status"
    assert "Traceback" not in ran.output
    assert not holds(ran.output)
    assert not list(tmp_path.rglob("*.log"))


@pytest.mark.parametrize("name", ["database that does not answer", "owner that does not answer"])
def test_up_repeats_no_password_of_a_database_that_does_not_answer(whole: Any, name: str) -> None:
    whole.variables = WRONG[name]
    ran = whole.run("up", timeout=120)
    assert (ran.returncode, ran.stderr.count("\n")) == (1, 1)
    assert "does not answer" in ran.stderr
    assert not holds(ran.stdout + ran.stderr + logs_of(whole))


def test_another_master_key_is_refused_without_showing_either(whole: Any) -> None:
    whole.start()
    own = (whole.home / "master.key").read_text().strip()
    whole.stop()
    whole.variables = {"RUJUKAN_MASTER_KEY": KEY}
    refused = whole.run("up")
    assert refused.returncode == 1
    assert "Give the key that it was begun with" in refused.stderr
    whole.variables = {}
    (whole.home / "master.key").write_text(SECRET)
    unread = whole.run("up")
    assert unread.returncode == 1
    everything = refused.stdout + refused.stderr + unread.stdout + unread.stderr + logs_of(whole)
    assert not holds(everything)
    assert not [secret for secret in (KEY, own) if secret in everything]


def test_tokens_and_client_secrets_stand_in_no_log_wherever_they_were_sent(whole: Any) -> None:
    whole.start()
    token = whole.authorization(Actor("a", Role.ANALYST)).removeprefix("Bearer ")
    right = (whole.home / "development-client-secret").read_text().strip()
    fields = {"grant_type": "client_credentials", "client_id": AGENCY}
    issuer = f"{whole.url}/development-issuer/token"
    with httpx.Client(base_url=whole.url) as client:
        assert client.post(issuer, data={**fields, "client_secret": right}).status_code == 200
        for wrong in (SECRET, right[:-1]):
            assert client.post(issuer, data={**fields, "client_secret": wrong}).status_code == 401
            assert client.post(issuer, data=fields, auth=(AGENCY, wrong)).status_code == 401
        for asked in (
            client.get("/v1/programmes", headers={"Authorization": f"Bearer {token}x"}),
            client.get("/v1/programmes", headers={"Authorization": f"Bearer {SECRET}"}),
            client.get("/v1/programmes", headers={"Authorization": f"Basic {SECRET}"}),
            client.get("/v1/programmes", params={"access_token": token}),
            client.get("/v1/programmes", params={"access_token": SECRET}),
            client.get(f"/v1/{token}", headers={"Authorization": f"Bearer {token}"}),
            client.get(f"/v1/{SECRET}", headers={"Authorization": f"Bearer {token}"}),
            client.post("/v1/households", json={"token": SECRET}, headers={"Authorization": f"Bearer {token}"}),
            client.get("/v1/programmes", headers={"Cookie": f"session={SECRET}"}),
        ):
            assert asked.status_code in (401, 404, 422)
            assert not holds(asked.text)
            assert token not in asked.text
    everything = logs_of(whole) + whole.output.read_text()
    assert not holds(everything)
    assert not [part for part in (*token.split("."), right) if part in everything]
