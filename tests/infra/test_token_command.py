"""`rujukan token`: prints a token and nothing else, or says on one line why not."""

import asyncio
import base64
import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from api.tokens import TokenRefused
from domain.values import Actor, Role
from infra.bootstrap import verifier_of
from infra.settings import Settings
from infra.time import FixedTime, WallClock
from tests.program import PROGRAM

FACILITATOR = "0705dd02-39c7-5559-bbe1-a045e38c737b"
PRODUCTION = {
    "RUJUKAN_ENV": "production",
    "RUJUKAN_ALLOWED_HOSTS": "127.0.0.1",
    "RUJUKAN_MASTER_KEY": base64.b64encode(bytes(32)).decode(),
    "RUJUKAN_OIDC_ISSUER": "https://issuer.test",
    "RUJUKAN_OIDC_AUDIENCE": "rujukan",
}


def rujukan_token(home: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUJUKAN_")}
    return subprocess.run(
        [PROGRAM, "token", *words],
        env={**kept, "RUJUKAN_HOME": str(home), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_prints_a_token_that_is_accepted_for_as_long_as_asked(tmp_path: Path) -> None:
    words = ("--role", "facilitator", "--sub", "facilitator-1", "--scope", FACILITATOR, "--minutes", "5")
    ran = rujukan_token(tmp_path, *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    token, settings, now = ran.stdout.rstrip("\n"), Settings(home=tmp_path), WallClock().now()
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token)
    bearer = asyncio.run(verifier_of(settings, FixedTime(now)).verify(token))
    assert bearer == Actor("facilitator-1", Role.FACILITATOR, FACILITATOR)
    with pytest.raises(TokenRefused, match="token-expired"):
        asyncio.run(verifier_of(settings, FixedTime(now + timedelta(minutes=6))).verify(token))


def test_it_rotates_the_key_when_asked_to(tmp_path: Path) -> None:
    words = ("--role", "analyst", "--sub", "a")
    header = {rujukan_token(tmp_path, *words).stdout.partition(".")[0] for _ in range(2)}
    assert len(header) == 1
    assert rujukan_token(tmp_path, *words, "--rotate").stdout.partition(".")[0] not in header


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--role", "minister", "--sub", "a"), "There is no role 'minister'; there are facilitator, .*"),
        (("--role", "clock", "--sub", "a"), "There is no role 'clock'; .*"),
        (("--role", "analyst", "--sub", ""), "--sub must be .*"),
        (("--role", "regional_officer", "--sub", "a"), r"--scope does not fit .* a region such as 33\.24\."),
        (("--role", "agency_system", "--sub", "a", "--scope", "BAZNAS"), "--scope does not fit .* the agency's id."),
        (("--role", "analyst", "--sub", "a", "--scope", "x" * 201), "--scope does not fit .* left out."),
    ],
)
def test_who_cannot_be_is_told_on_one_line(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    ran = rujukan_token(tmp_path, *words)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(f"rujukan: {message}\n", ran.stderr)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (PRODUCTION, "`rujukan token` is for development: with RUJUKAN_ENV=production .*"),
        ({**PRODUCTION, "RUJUKAN_ENV": "development"}, "RUJUKAN_OIDC_ISSUER names another issuer: .*"),
        ({"RUJUKAN_PORT": "http"}, "RUJUKAN_PORT: .*"),
    ],
    ids=["production", "another issuer", "setting at fault"],
)
def test_where_tokens_come_from_elsewhere_there_are_none_here(
    tmp_path: Path, variables: dict[str, str], message: str
) -> None:
    ran = rujukan_token(tmp_path / "home", "--role", "analyst", "--sub", "a", **variables)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(f"rujukan: {message}\n", ran.stderr)
    assert not (tmp_path / "home").exists()


def test_keys_at_fault_are_told_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "development-issuer.json").write_text("{}")
    ran = rujukan_token(tmp_path, "--role", "analyst", "--sub", "a")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(r"rujukan: .*development-issuer\.json does not hold the issuer's keys.*\n", ran.stderr)


def test_it_is_explained_with_the_other_verbs_and_alone() -> None:
    for words in (("--help",), ("token", "--help")):
        shown = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=60, check=True).stdout
        assert "Print a token for the API" in shown
