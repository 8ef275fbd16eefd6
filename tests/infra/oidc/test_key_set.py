"""Keys by which no signature is accepted, whoever publishes them, and how many tokens are remembered."""

import asyncio
import warnings
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import Key, OKPKey, RSAKey

from api.tokens import TokenRefused
from domain.values import Actor, Role
from infra.oidc.issuer_keys import IssuerKeys
from infra.oidc.key_set import keys_of
from infra.oidc.seen import Seen, SeenTokens
from infra.oidc.verifier import OidcVerifier
from infra.time import FixedTime
from tests.issuer import ISSUER_URL, TERMS, Issuer, new_key, public

NOW = FixedTime(datetime(2026, 6, 15, tzinfo=UTC))


def weak() -> Key:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RSAKey.generate_key(1024, {"alg": "RS256"}, auto_kid=True)


def of_another_curve() -> Key:
    return OKPKey.generate_key("Ed448", {"alg": "EdDSA"}, auto_kid=True)


@pytest.mark.parametrize("make", [weak, of_another_curve])
def test_a_weak_or_unusual_key_signs_nothing(make: Any) -> None:
    issuer = Issuer(ISSUER_URL, new_key(), make())
    verifier = OidcVerifier(TERMS, IssuerKeys(issuer.jwks), NOW)
    with pytest.raises(TokenRefused, match="token-key"):
        asyncio.run(verifier.verify(issuer.token()))
    assert asyncio.run(verifier.verify(issuer.token(key=issuer.keys[0]))).sub == "analyst-1"


def test_a_key_is_used_for_the_algorithm_that_it_is_published_for() -> None:
    issuer = Issuer(ISSUER_URL, new_key("PS256"))
    verifier = OidcVerifier(TERMS, IssuerKeys(issuer.jwks), NOW)
    assert asyncio.run(verifier.verify(issuer.token())).sub == "analyst-1"
    same = RSAKey.import_key({**issuer.keys[0].as_dict(private=True), "alg": "RS256"})
    with pytest.raises(TokenRefused, match="token-key"):
        asyncio.run(verifier.verify(issuer.token(key=same)))


def test_what_is_kept_of_a_key_is_public() -> None:
    key = new_key("RS256")
    (kept,) = keys_of({"keys": [key.as_dict(private=True)]}).values()
    assert not kept.key.is_private
    assert kept.thumbprint == key.thumbprint()


def test_keys_without_a_name_are_passed_over() -> None:
    nameless = {name: value for name, value in public(new_key()).items() if name != "kid"}
    with pytest.raises(ValueError, match="no key that can be used"):
        keys_of({"keys": [nameless]})


def test_no_more_tokens_are_remembered_than_that_and_the_oldest_give_way() -> None:
    tokens = SeenTokens(most=3)
    seen = Seen(Actor("a", Role.ANALYST), "kid", "thumbprint", 0, 1)
    for name in (b"1", b"2", b"3", b"4"):
        tokens.put(name, seen)
    assert [tokens.get(name) is None for name in (b"1", b"2", b"3", b"4")] == [True, False, False, False]
