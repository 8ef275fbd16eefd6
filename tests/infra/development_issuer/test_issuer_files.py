"""The development issuer's keys: made once, whole, for their owner alone; rotated; never replaced when at fault."""

import asyncio
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.tokens import TokenRefused
from domain.values import Actor, Role
from infra.bootstrap import verifier_of
from infra.development_issuer.issuer import DevelopmentIssuer, development_issuer
from infra.development_issuer.keys import IssuerFiles
from infra.oidc.issuer_keys import IssuerKeys, Patience
from infra.oidc.verifier import OidcVerifier
from infra.settings import Settings, SettingsError
from infra.time import FixedTime

NOW = datetime(2026, 6, 15, tzinfo=UTC)
OFFICER = Actor("officer-kendal", Role.REGIONAL_OFFICER, "33.24")


@pytest.fixture
def issuer(tmp_path: Path) -> DevelopmentIssuer:
    return development_issuer(Settings(home=tmp_path / "home"))


def token(issuer: DevelopmentIssuer) -> str:
    return issuer.token(OFFICER, now=NOW, lifetime=timedelta(hours=1))


def test_what_it_signs_is_accepted_where_it_is_trusted(issuer: DevelopmentIssuer) -> None:
    verifier = verifier_of(Settings(home=issuer.files.home), FixedTime(NOW))
    assert asyncio.run(verifier.verify(token(issuer))) == OFFICER


def test_the_claims_are_named_as_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, oidc_role_claim="realm_access.roles", oidc_scope_claim="area", oidc_audience="desk"
    )
    signed = token(development_issuer(settings))
    assert asyncio.run(verifier_of(settings, FixedTime(NOW)).verify(signed)) == OFFICER


def test_tokens_of_another_port_or_directory_are_not_accepted(issuer: DevelopmentIssuer, tmp_path: Path) -> None:
    here = verifier_of(Settings(home=issuer.files.home, port=8000), FixedTime(NOW))
    other_port = development_issuer(Settings(home=issuer.files.home), 8001)
    with pytest.raises(TokenRefused, match="token-issuer"):
        asyncio.run(here.verify(token(other_port)))
    with pytest.raises(TokenRefused, match="token-key"):
        asyncio.run(here.verify(token(development_issuer(Settings(home=tmp_path / "other")))))


def test_keys_and_secret_are_made_once_for_their_owner_alone(tmp_path: Path) -> None:
    files = IssuerFiles(tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        kids = set(pool.map(lambda _: files.signing_key().kid, range(8)))
        secrets = set(pool.map(lambda _: files.client_secret(), range(8)))
    assert (len(kids), len(secrets)) == (1, 1)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files.home.iterdir()} == {0o600}
    assert set(files.home.iterdir()) == {files.keys_file, files.secret_file}


def test_what_is_published_is_public(issuer: DevelopmentIssuer) -> None:
    issuer.files.signing_key()
    issuer.files.rotate()
    published = issuer.files.jwks()["keys"]
    assert len(published) == 2
    assert all(jwk.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"} for jwk in published)


def test_after_a_rotation_tokens_of_the_key_before_are_good_and_older_ones_are_not(issuer: DevelopmentIssuer) -> None:
    keys = IssuerKeys(issuer.files.jwks, Patience(between=0.0))
    verifier = OidcVerifier(issuer.terms, keys, FixedTime(NOW))
    first = token(issuer)
    assert asyncio.run(verifier.verify(first)) == OFFICER
    issuer.files.rotate()
    second = token(issuer)
    assert asyncio.run(verifier.verify(second)) == OFFICER
    assert asyncio.run(verifier.verify(first)) == OFFICER
    issuer.files.rotate()
    assert asyncio.run(verifier.verify(token(issuer))) == OFFICER
    assert asyncio.run(verifier.verify(second)) == OFFICER
    with pytest.raises(TokenRefused, match="token-key"):
        asyncio.run(verifier.verify(first))


def test_many_rotations_at_once_leave_a_whole_file(issuer: DevelopmentIssuer) -> None:
    issuer.files.signing_key()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: issuer.files.rotate(), range(16)))
    assert len(issuer.files.jwks()["keys"]) == 2
    assert stat.S_IMODE(issuer.files.keys_file.stat().st_mode) == 0o600
    assert not [file for file in issuer.files.home.iterdir() if file.name.startswith(".")]


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"keys": []}', '{"keys": [7]}', '{"keys": [{}]}', '{"keys": [{"kty": "EC"}]}', "[" * 9999],
    ids=lambda content: content[:20] or "empty",
)
def test_a_file_at_fault_is_told_on_one_line_and_not_replaced(issuer: DevelopmentIssuer, content: str) -> None:
    issuer.files.home.mkdir()
    issuer.files.keys_file.write_text(content)
    with pytest.raises(SettingsError, match=r"development-issuer\.json does not hold") as caught:
        token(issuer)
    assert "\n" not in str(caught.value)
    assert issuer.files.keys_file.read_text() == content


def test_a_public_key_alone_signs_nothing(issuer: DevelopmentIssuer) -> None:
    issuer.files.signing_key()
    issuer.files.keys_file.write_text(json.dumps(issuer.files.jwks()))
    with pytest.raises(SettingsError, match="does not hold"):
        token(issuer)


@pytest.mark.parametrize("content", ["", "short", "gehörtö" * 10])
def test_a_secret_at_fault_is_not_taken(issuer: DevelopmentIssuer, content: str) -> None:
    issuer.files.home.mkdir()
    issuer.files.secret_file.write_text(content)
    with pytest.raises(SettingsError, match="does not hold a secret"):
        issuer.files.client_secret()
