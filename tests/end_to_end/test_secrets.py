"""Secrets given wrongly, or rightly in the wrong place, stand in no output and no log."""

import base64
import subprocess
from typing import Any

import httpx
import pytest

from domain.values import Actor, Role
from tests.program import PROGRAM

SECRET = "Geheim7f3aQx91"
AGENCY = "390889b8-8239-5b50-a8b7-909e5d732455"
KEY = base64.b64encode(SECRET.ljust(32, "+").encode()).decode()
URL = f"postgresql://rujukan:{SECRET}@127.0.0.1:1/rujukan?connect_timeout=2"
COMMANDS = ("up", "status", "migrate", "follow", "rebuild", "clock", "sample")
WRONG: dict[str, dict[str, str]] = {
    "master key that is none": {"RUJUKAN_MASTER_KEY": SECRET},
    "master key too short": {"RUJUKAN_MASTER_KEY": base64.b64encode(SECRET.encode()).decode()},
    "database that does not answer": {"DATABASE_URL": URL},
    "database of another kind": {"DATABASE_URL": URL.replace("postgresql", "mysql")},
    "database with a password that is no part of a URL": {"DATABASE_URL": URL.replace(SECRET, f"{SECRET}%zz")},
    "database with a port of words": {"DATABASE_URL": URL.replace(":1/", f":{SECRET}/")},
    "database with a key word that is none": {"DATABASE_URL": f"{URL}&{SECRET}={SECRET}"},
    "owner that does not answer": {"DATABASE_URL": "postgresql://u@127.0.0.1:1/d", "DATABASE_OWNER_URL": URL},
    "owner with a password that is no part of a URL": {
        "DATABASE_URL": "postgresql://u@127.0.0.1:1/d",
        "DATABASE_OWNER_URL": URL.replace(SECRET, f"%{SECRET}"),
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


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_secret_is_repeated_by_no_command(whole: Any, name: str) -> None:
    whole.variables = WRONG[name]
    running = [
        subprocess.Popen(
            [PROGRAM, command],
            env=whole.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command in COMMANDS
    ]
    for command, process in zip(COMMANDS, running, strict=True):
        said, _ = process.communicate(timeout=120)
        assert not holds(said), (command, said)
        assert "Traceback" not in said, (command, said)
        if command != "status":
            assert process.returncode == 1, (command, said)
            assert len(said.strip().splitlines()) <= 3, (command, said)
    assert not holds(logs_of(whole))


def test_another_master_key_is_refused_without_showing_either(whole: Any) -> None:
    whole.start()
    own = (whole.home / "master.key").read_text().strip()
    whole.stop()
    whole.variables = {"RUJUKAN_MASTER_KEY": KEY}
    refused = whole.run("up")
    assert refused.returncode == 1
    assert "another master key" in refused.stderr
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
            client.get("/v1/programmes", cookies={"session": SECRET}),
        ):
            assert asked.status_code in (401, 404, 422)
            assert not holds(asked.text)
            assert token not in asked.text
    everything = logs_of(whole) + whole.output.read_text()
    assert not holds(everything)
    assert not [part for part in (*token.split("."), right) if part in everything]
