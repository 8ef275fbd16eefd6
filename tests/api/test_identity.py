"""Who may say who they are, and how. Every other token is refused by a code, in one shape, with a line in the log."""

import base64
import hmac
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from joserfc.jwk import ECKey
from structlog.testing import capture_logs

from api.identity import DETAILS
from domain.values import Role
from tests.api.rig import ANALYST, ISSUER, MINISTRY, TODAY, Rig, identity
from tests.issuer import AUDIENCE, Issuer, bearer, new_key, public, signed

AGENCY = "2f0cbe30-8d43-4a4e-a6a0-2f3c6d4e5f60"
NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 3, tzinfo=UTC)
SHAPE = ["type", "title", "status", "code", "detail"]
CLAIMS = {"iss": ISSUER.url, "aud": AUDIENCE, "sub": "a", "exp": 4102444800, "rujukan_role": "analyst"}
THIEF = new_key(kid=ISSUER.keys[0].kid)
"""A key of somebody else's, under the name of the issuer's."""


def at(**given: float) -> int:
    return int((NOW + timedelta(**given)).timestamp())


def of(**claims: Any) -> Callable[[], str]:
    return lambda: ISSUER.token(**claims)


def under(**header: Any) -> Callable[[], str]:
    return lambda: ISSUER.token(header)


def paying(payload: bytes) -> Callable[[], str]:
    """Signed well, whatever it is."""
    return lambda: signed({"alg": "ES256", "kid": ISSUER.keys[0].kid}, payload, ISSUER.keys[0])


def by_hand(header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """What a library would not sign."""
    said = b".".join(_encoded(json.dumps(part).encode()) for part in (header, CLAIMS))
    return (said + b"." + _encoded(sign(said))).decode()


def _encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def signed_with_the_public_key() -> str:
    """HMAC by what everybody can read (RFC 8725, 2.1)."""
    key = ISSUER.keys[0]
    assert isinstance(key, ECKey)
    known = key.as_pem(private=False)
    return by_hand({"alg": "HS256", "kid": key.kid}, lambda said: hmac.digest(known, said, "sha256"))


def altered() -> str:
    header, _, signature = ISSUER.token().split(".")
    _, other, _ = ISSUER.token(rujukan_role="administrator").split(".")
    return f"{header}.{other}.{signature}"


REFUSED: dict[str, tuple[str, Callable[[], str]]] = {
    "expired": ("token-expired", of(exp=at(seconds=-30))),
    "expired long ago": ("token-expired", of(exp=at(days=-400))),
    "not before a minute": ("token-not-yet-valid", of(nbf=at(seconds=60))),
    "issued in the future": ("token-not-yet-valid", of(iat=at(seconds=60))),
    "other audience": ("token-audience", of(aud="another")),
    "audience in part": ("token-audience", of(aud="rujukan2")),
    "other audiences": ("token-audience", of(aud=["another", "account"])),
    "other issuer": ("token-issuer", of(iss="https://issuer.test/realms/other")),
    "issuer with a slash": ("token-issuer", of(iss=ISSUER.url + "/")),
    "other key of the same name": ("token-signature", lambda: ISSUER.token(key=THIEF)),
    "other key of its own name": ("token-key", lambda: ISSUER.token(key=new_key())),
    "other key that it brings": ("token-signature", lambda: ISSUER.token({"jwk": public(THIEF)}, key=THIEF)),
    "other key elsewhere": ("token-signature", lambda: ISSUER.token({"jku": "https://thief.test/jwks"}, key=THIEF)),
    "no kid": ("token-key", under(kid=None)),
    "kid no text": ("token-key", under(kid=7)),
    "altered": ("token-signature", altered),
    "no signature": ("token-signature", lambda: ISSUER.token().rpartition(".")[0] + "."),
    "alg none": ("token-algorithm", lambda: by_hand({"alg": "none", "kid": ISSUER.keys[0].kid}, lambda _: b"")),
    "HS256 with the public key": ("token-algorithm", signed_with_the_public_key),
    "RS512": ("token-algorithm", lambda: ISSUER.token(key=new_key("RS512", kid=ISSUER.keys[0].kid))),
    "alg of another key": ("token-key", lambda: ISSUER.token(key=new_key("RS256", kid=ISSUER.keys[0].kid))),
    "crit": ("token-critical", under(crit=["exp"], exp=1)),
    "crit with b64": ("token-critical", under(crit=["b64"], b64=True)),
    "b64 alone": ("token-critical", under(b64=True)),
    "crit no list": ("token-critical", under(crit=7)),
    "logout token": ("token-type", under(typ="logout+jwt")),
    "typ no text": ("token-type", under(typ=["JWT"])),
    "jku no address": ("malformed-token", under(jku=7)),
    "no sub": ("token-claims", of(sub=None)),
    "empty sub": ("token-claims", of(sub="")),
    "sub no text": ("token-claims", of(sub=7)),
    "sub too long": ("token-claims", of(sub="x" * 201)),
    "sub with NUL": ("token-claims", of(sub="a\x00b")),
    "sub with half a pair": ("token-claims", of(sub="a\ud800b")),
    "no exp": ("token-claims", of(exp=None)),
    "exp a text": ("token-claims", of(exp="4102444800")),
    "exp true": ("token-claims", of(exp=True)),
    "exp NaN": ("token-claims", of(exp=float("nan"))),
    "exp without end": ("token-claims", of(exp=float("inf"))),
    "exp beyond any clock": ("token-claims", of(exp=10**400)),
    "nbf a text": ("token-claims", of(nbf="now")),
    "no iss": ("token-claims", of(iss=None)),
    "iss a list": ("token-issuer", of(iss=[ISSUER.url])),
    "no aud": ("token-claims", of(aud=None)),
    "aud no text": ("token-audience", of(aud={"rujukan": 1})),
    "no role": ("token-role", of(rujukan_role=None)),
    "unknown role": ("token-role", of(rujukan_role="minister")),
    "role in capitals": ("token-role", of(rujukan_role="ANALYST")),
    "the clock's role": ("token-role", of(rujukan_role="clock")),
    "two roles": ("token-role", of(rujukan_role=["analyst", "auditor"])),
    "role no text": ("token-role", of(rujukan_role={"analyst": True})),
    "a region for who works for all": ("token-scope", of(rujukan_role="programme_officer", rujukan_scope="11")),
    "analyst of a region": ("token-scope", of(rujukan_role="analyst", rujukan_scope="33.24")),
    "sub with an identity number": ("token-claims", of(sub="Ibu Siti 3324040101209901")),
    "officer without region": ("token-scope", of(rujukan_role="regional_officer")),
    "officer of part of a region": ("token-scope", of(rujukan_role="regional_officer", rujukan_scope="33.2")),
    "agency by name": ("token-scope", of(rujukan_role="agency_officer", rujukan_scope="BAZNAS")),
    "agency of no name": ("token-scope", of(rujukan_role="agency_system")),
    "facilitator of no id": ("token-scope", of(rujukan_role="facilitator", rujukan_scope="not an id")),
    "scope no text": ("token-scope", of(rujukan_scope=33)),
    "two scopes": ("token-scope", of(rujukan_role="regional_officer", rujukan_scope=["33.24", "33.25"])),
    "claims no object": ("malformed-token", paying(b'["analyst"]')),
    "claims no JSON": ("malformed-token", paying(b"{iss}")),
    "claims too deep": ("malformed-token", paying(b"[" * 5000)),
    "header no object": ("malformed-token", lambda: "WyJhbGciXQ.e30.AAAA"),
    "header too deep": ("malformed-token", lambda: base64.urlsafe_b64encode(b"[" * 3000).decode() + ".e30.AAAA"),
    "not a token": ("malformed-token", lambda: "abc"),
    "two parts": ("malformed-token", lambda: ISSUER.token().rpartition(".")[0]),
    "encrypted": ("malformed-token", lambda: "abcd.efgh.ijkl.mnop.qrst"),
    "two tokens": ("malformed-token", lambda: f"{ISSUER.token()} {ISSUER.token()}"),
    "huge": ("malformed-identity", of(padding="x" * 8192)),
    "huger": ("malformed-identity", lambda: "x" * 50_000),
}


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """What the API says in its log meanwhile."""
    structlog.reset_defaults()
    with capture_logs() as lines:
        yield lines


@pytest.mark.parametrize("name", REFUSED)
def test_every_other_token_is_refused_by_its_code(rig: Rig, logged: list[Any], name: str) -> None:
    code, made = REFUSED[name]
    token = made()
    answer = rig.get("/v1/programmes", bearer(token), 401)
    problem = answer.json()
    assert (problem["code"], list(problem)) == (code, SHAPE)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="rujukan", error="invalid_token"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    (line,) = [found for found in logged if found["event"] == "identity-refused"]
    assert line["code"] == code
    assert line.keys() <= {"event", "log_level", "code", "method", "route", "kid", "iss"}
    assert not any(part and part in str(line) for part in token.split("."))


def test_all_codes_are_met_by_these_cases() -> None:
    assert {code for code, _ in REFUSED.values()} == {str(code) for code in DETAILS} - {"missing-identity"}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Dev e30", "Token abc", "abc"], ids=lambda header: repr(header)
)
def test_a_header_that_holds_no_bearer_token_is_refused(rig: Rig, header: str) -> None:
    problem = rig.get("/v1/programmes", {"Authorization": header}, 401).json()
    assert (problem["code"], list(problem)) == ("malformed-identity", SHAPE)


def test_without_a_header_the_caller_is_told_what_is_wanted(rig: Rig, logged: list[Any]) -> None:
    answer = rig.get("/v1/programmes", {}, 401)
    problem = answer.json()
    assert (problem["code"], list(problem)) == ("missing-identity", SHAPE)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="rujukan"'
    assert [line["code"] for line in logged if line["event"] == "identity-refused"] == ["missing-identity"]


def test_two_identities_at_once_are_none(rig: Rig) -> None:
    two = [("Authorization", MINISTRY["Authorization"]), ("Authorization", ANALYST["Authorization"])]
    answer = rig.client.get("/v1/programmes", headers=two)
    assert (answer.status_code, answer.json()["code"]) == (401, "malformed-identity")


def test_the_answer_is_the_same_to_all_who_are_refused_by_one_code(rig: Rig) -> None:
    for code in {code for code, _ in REFUSED.values()}:
        answers = {rig.get("/v1/programmes", bearer(made()), 401).text for of, made in REFUSED.values() if of == code}
        assert len(answers) == 1, answers


def test_the_log_line_says_whose_the_token_says_it_is_cut_short_and_harmless(rig: Rig, logged: list[Any]) -> None:
    stranger = Issuer("https://elsewhere.test/\n" + "x" * 500, new_key(kid='<script>"' + "k" * 400))
    rig.get("/v1/programmes", bearer(stranger.token()), 401)
    (line,) = [found for found in logged if found["event"] == "identity-refused"]
    assert line["kid"] == "?script??" + "k" * 71
    assert line["iss"] == "https://elsewhere.test/?" + "x" * 56


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": at(seconds=-29)},
        {"nbf": at(seconds=30), "iat": at(seconds=30)},
        {"aud": ["account", AUDIENCE]},
        {"rujukan_role": ["offline_access", "analyst", "uma_authorization"]},
        {"exp": at(hours=1) + 0.5},
        {"sub": "0b6bd5d2-0000-4000-8000-000000000001", "name": "somebody", "azp": "portal"},
        {"rujukan_role": "regional_officer", "rujukan_scope": ["33.24"]},
        {"rujukan_role": "facilitator", "sub": AGENCY},
    ],
    ids=lambda claims: " ".join(claims),
)
def test_what_identity_providers_send_is_accepted(rig: Rig, claims: dict[str, Any]) -> None:
    rig.get("/v1/programmes", bearer(ISSUER.token(**claims)), 200)


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_an_access_token_may_say_that_it_is_one(rig: Rig, typ: str | None) -> None:
    rig.get("/v1/programmes", bearer(ISSUER.token({"typ": typ, "x": "unknown to us"})), 200)


def test_the_scheme_is_read_in_any_case(rig: Rig) -> None:
    rig.get("/v1/programmes", {"Authorization": f"bEARER   {ISSUER.token()} "}, 200)


def test_every_role_may_come_with_its_scope(rig: Rig) -> None:
    scopes = {"facilitator": AGENCY, "regional_officer": "33", "agency_officer": AGENCY, "agency_system": AGENCY}
    for role in set(Role) - {Role.CLOCK}:
        rig.get("/v1/programmes", identity("a", role, scopes.get(role, "")), 200)


def test_a_token_seen_before_expires_all_the_same(rig: Rig) -> None:
    token = bearer(ISSUER.token(exp=at(hours=12)))
    rig.get("/v1/programmes", token, 200)
    rig.get("/v1/programmes", token, 200)
    rig.time.day = TODAY + timedelta(1)
    assert rig.get("/v1/programmes", token, 401).json()["code"] == "token-expired"
    rig.time.day = TODAY
    rig.get("/v1/programmes", token, 200)


def test_no_route_but_those_without_records_answers_a_stranger(rig: Rig) -> None:
    described = rig.get("/openapi.json", {}).json()["paths"]
    for path, methods in described.items():
        for method in methods:
            if path not in ("/livez", "/readyz", "/metrics"):
                answer = rig.client.request(method, re.sub(r"\{.*?\}", AGENCY, path))
                assert answer.status_code == 401, (method, path)
