"""Keys of a real HTTP server: rotation, floods of unknown keys, and an issuer that is away or answers nonsense."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from api.tokens import IssuerAway, TokenRefused
from infra.oidc import fetching as fetching_module
from infra.oidc.algorithms import Algorithm
from infra.oidc.fetching import fetching
from infra.oidc.issuer_keys import IssuerKeys, Patience, Unfetched
from infra.oidc.key_set import keys_of
from infra.oidc.terms import Terms
from infra.oidc.verifier import OidcVerifier
from infra.time import FixedTime
from tests.infra.oidc.jwks_server import DISCOVERY, JWKS, JwksServer, jwks_server
from tests.issuer import AUDIENCE, new_key, public

NOW = FixedTime(datetime(2026, 6, 15, tzinfo=UTC))


@pytest.fixture
def server() -> Iterator[JwksServer]:
    with jwks_server() as running:
        yield running


class Seconds:
    """A clock that tests turn on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def verifier(server: JwksServer, clock: Seconds) -> OidcVerifier:
    return verifier_of(server, clock)


def verifier_of(server: JwksServer, clock: Callable[[], float], jwks_url: str | None = None) -> OidcVerifier:
    terms = Terms(server.url, AUDIENCE, frozenset(Algorithm))
    return OidcVerifier(terms, IssuerKeys(fetching(server.url, jwks_url), clock=clock), NOW)


def outcome(verifier: OidcVerifier, *tokens: str) -> list[str]:
    """Of tokens that come at once: the subject, or why not."""

    async def one(token: str) -> str:
        try:
            return (await verifier.verify(token)).sub
        except TokenRefused as refused:
            return str(refused.fault)
        except IssuerAway:
            return "away"

    async def all_of_them() -> list[str]:
        return list(await asyncio.gather(*[one(token) for token in tokens]))

    return asyncio.run(all_of_them())


def settled(condition: Callable[[], bool]) -> None:
    """What happens beside the requests has happened."""
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
def test_keys_are_found_by_discovery_and_used_for_their_algorithm(
    server: JwksServer, verifier: OidcVerifier, algorithm: str
) -> None:
    server.issuer.keys.append(new_key(algorithm))
    assert outcome(verifier, server.issuer.token()) == ["analyst-1"]
    assert server.asked == {DISCOVERY: 1, JWKS: 1}


def test_keys_are_found_where_they_are_said_to_be(server: JwksServer, clock: Seconds) -> None:
    verifier = verifier_of(server, clock, f"{server.url}/keys")
    assert outcome(verifier, server.issuer.token()) == ["analyst-1"]
    assert server.asked == {"/keys": 1}


def test_an_algorithm_that_is_not_set_is_not_accepted(server: JwksServer, clock: Seconds) -> None:
    terms = Terms(server.url, AUDIENCE, frozenset({Algorithm.RS256}))
    verifier = OidcVerifier(terms, IssuerKeys(fetching(server.url, None), clock=clock), NOW)
    assert outcome(verifier, server.issuer.token()) == ["token-algorithm"]
    assert not server.asked


def test_many_tokens_at_once_fetch_the_keys_once(server: JwksServer, verifier: OidcVerifier) -> None:
    server.delay = 0.1
    tokens = [server.issuer.token(sub=f"s-{number}") for number in range(50)]
    assert outcome(verifier, *tokens) == [f"s-{number}" for number in range(50)]
    assert server.asked == {DISCOVERY: 1, JWKS: 1}


def test_a_new_key_is_fetched_when_its_first_token_comes(
    server: JwksServer, verifier: OidcVerifier, clock: Seconds
) -> None:
    before = server.issuer.token()
    assert outcome(verifier, before) == ["analyst-1"]
    server.issuer.keys.append(new_key())
    clock.now += 11
    assert outcome(verifier, server.issuer.token(sub="new"), before) == ["new", "analyst-1"]
    assert server.asked[JWKS] == 2


def test_a_token_is_good_for_no_longer_than_its_key_is_published(
    server: JwksServer, verifier: OidcVerifier, clock: Seconds
) -> None:
    before = server.issuer.token()
    assert outcome(verifier, before) == ["analyst-1"]
    server.issuer.keys = [new_key()]
    clock.now += 301
    assert outcome(verifier, before) == ["analyst-1"], "renewed beside the request"
    settled(lambda: server.asked[JWKS] == 2)
    settled(lambda: outcome(verifier, before) == ["token-key"])
    assert outcome(verifier, server.issuer.token()) == ["analyst-1"]


def test_another_key_under_the_same_name_ends_the_tokens_of_the_former(
    server: JwksServer, verifier: OidcVerifier, clock: Seconds
) -> None:
    server.issuer.keys = [new_key(kid="signing")]
    before = server.issuer.token()
    assert outcome(verifier, before) == ["analyst-1"]
    server.issuer.keys = [new_key(kid="signing")]
    clock.now += 301
    outcome(verifier, before)
    settled(lambda: outcome(verifier, before) == ["token-signature"])


def test_a_flood_of_unknown_keys_asks_the_issuer_only_so_often(
    server: JwksServer, verifier: OidcVerifier, clock: Seconds
) -> None:
    good = server.issuer.token()
    assert outcome(verifier, good) == ["analyst-1"]
    strange = [server.issuer.token({"kid": f"unknown-{number}"}) for number in range(300)]
    for _ in range(10):
        assert set(outcome(verifier, *strange)) == {"token-key"}
    assert server.asked == {DISCOVERY: 1, JWKS: 1}
    clock.now += 11
    assert outcome(verifier, *strange, good) == ["token-key"] * 300 + ["analyst-1"]
    assert outcome(verifier, *strange, good) == ["token-key"] * 300 + ["analyst-1"]
    assert server.asked == {DISCOVERY: 2, JWKS: 2}


def test_while_the_issuer_is_away_known_keys_are_good_for_a_while(
    server: JwksServer, verifier: OidcVerifier, clock: Seconds
) -> None:
    seen, unseen = server.issuer.token(), server.issuer.token(sub="unseen")
    assert outcome(verifier, seen) == ["analyst-1"]
    server.status = 503
    clock.now += 3599
    assert outcome(verifier, seen, unseen) == ["analyst-1", "unseen"]
    settled(lambda: server.asked[DISCOVERY] == 2)
    stranger = server.issuer.token(key=new_key())
    settled(lambda: outcome(verifier, stranger) == ["away"])
    clock.now += 2
    assert outcome(verifier, seen, unseen) == ["away", "away"]
    server.status = 200
    clock.now += 11
    assert outcome(verifier, seen, stranger) == ["analyst-1", "token-key"]


def test_an_issuer_that_is_not_there_at_first_is_asked_again(
    server: JwksServer, verifier: OidcVerifier, clock: Seconds
) -> None:
    token = server.issuer.token()
    server.status = 500
    assert outcome(verifier, token, token) == ["away", "away"]
    assert outcome(verifier, token) == ["away"]
    assert server.asked == {DISCOVERY: 1}
    server.status = 200
    clock.now += 11
    assert outcome(verifier, token) == ["analyst-1"]


def test_nothing_listens(server: JwksServer, clock: Seconds) -> None:
    verifier = verifier_of(server, clock)
    server.stop()
    assert outcome(verifier, server.issuer.token()) == ["away"]


def test_a_slow_issuer_holds_up_nobody_else(server: JwksServer, clock: Seconds) -> None:
    """The event loop goes on, and who waits for the keys does so only for a while."""
    patience = Patience(waited=0.3)
    terms = Terms(server.url, AUDIENCE, frozenset(Algorithm))
    verifier = OidcVerifier(terms, IssuerKeys(fetching(server.url, None), patience, clock), NOW)
    server.delay = 1.0

    async def beats(done: asyncio.Event) -> int:
        count = 0
        while not done.is_set():
            await asyncio.sleep(0.01)
            count += 1
        return count

    async def both() -> int:
        done = asyncio.Event()
        heart = asyncio.create_task(beats(done))
        with pytest.raises(IssuerAway):
            await verifier.verify(server.issuer.token())
        done.set()
        return await heart

    assert asyncio.run(both()) > 10


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html>", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[]", "no JWK set"),
        (b'{"keys": {}}', "no JWK set"),
        (b'{"keys": []}', "no key"),
        (b'{"keys": [1, {}, {"kty": 7}, {"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]}', "no key"),
        (b" " * 600_000 + b"{}", "more than"),
    ],
    ids=["html", "deep", "list", "no list", "empty", "no key of use", "large"],
)
def test_nonsense_instead_of_keys_leaves_those_known(
    server: JwksServer, verifier: OidcVerifier, clock: Seconds, content: bytes, reason: str
) -> None:
    token = server.issuer.token()
    assert outcome(verifier, token) == ["analyst-1"]
    server.jwks = content
    clock.now += 301
    outcome(verifier, token)
    settled(lambda: server.asked[JWKS] == 2)
    settled(lambda: outcome(verifier, server.issuer.token(key=new_key())) == ["away"])
    assert outcome(verifier, token) == ["analyst-1"]
    with pytest.raises((Unfetched, ValueError), match=reason):
        keys_of(fetching(server.url, None)())


def test_one_bad_key_spoils_none_of_the_others(server: JwksServer, verifier: OidcVerifier) -> None:
    weak, encrypting = new_key("RS256"), new_key("RS256")
    listed = [
        7,
        {"kty": "EC", "crv": "P-256", "kid": "torn", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "weak", "n": "AQAB", "e": "AQAB"},
        {"kty": "post-quantum", "kid": "new"},
        {**public(encrypting), "use": "enc"},
        {**public(weak), "key_ops": 7},
        public(server.issuer.keys[0]),
    ]
    server.jwks = json.dumps({"keys": listed}).encode()
    found = outcome(verifier, server.issuer.token(), server.issuer.token(key=encrypting), server.issuer.token(key=weak))
    assert found == ["analyst-1", "token-key", "token-key"]


@pytest.mark.parametrize(
    ("discovery", "reason"),
    [
        ({"issuer": "https://elsewhere.test"}, "another issuer"),
        ({"jwks_uri": None}, "jwks_uri must be"),
        ({"jwks_uri": "http://issuer.test/jwks"}, "https"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri must be"),
        ({"jwks_uri": "https://user:secret@issuer.test/"}, "jwks_uri must be"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_discovery_document_leads_nowhere_else(server: JwksServer, discovery: dict[str, Any], reason: str) -> None:
    server.discovery = discovery
    with pytest.raises(Unfetched, match=reason) as caught:
        fetching(server.url, None)()
    assert "secret" not in str(caught.value)
    assert server.asked == {DISCOVERY: 1}


def test_a_redirect_is_not_followed(server: JwksServer) -> None:
    server.status, server.headers = 302, {"Location": "/elsewhere"}
    with pytest.raises(Unfetched, match="answered 302"):
        fetching(server.url, None)()
    assert server.asked == {DISCOVERY: 1}


def test_a_document_that_drips_in_is_given_up(server: JwksServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching_module, "LONGEST", 0.5)
    server.dripping = True
    began = time.monotonic()
    with pytest.raises(Unfetched, match="took longer"):
        fetching(server.url, f"{server.url}{JWKS}")()
    assert time.monotonic() - began < 3


def test_a_token_that_needs_no_key_to_be_refused_asks_for_none(server: JwksServer, verifier: OidcVerifier) -> None:
    assert outcome(verifier, "abc", server.issuer.token({"crit": ["exp"]})) == ["malformed-token", "token-critical"]
    assert not server.asked
