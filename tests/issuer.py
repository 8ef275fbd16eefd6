"""An identity provider for tests: its keys, the tokens that it signs, and what it publishes."""

import json
from typing import Any

from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, serialize_compact

from infra.oidc.algorithms import Algorithm
from infra.oidc.terms import Terms

ISSUER_URL, AUDIENCE = "https://issuer.test/realms/rujukan", "rujukan"
TERMS = Terms(ISSUER_URL, AUDIENCE, frozenset(Algorithm))
FAR = 4102444800
"""The first moment of 2100."""


def new_key(algorithm: str = "ES256", kid: str | None = None, **parameters: Any) -> Key:
    """As identity providers make them: for one algorithm, for signatures, under an id."""
    given: Any = {"use": "sig", "alg": algorithm, **({"kid": kid} if kid else {}), **parameters}
    match algorithm[:2]:
        case "ES":
            key: Key = ECKey.generate_key("P-256", given)
        case "Ed":
            key = OKPKey.generate_key("Ed25519", given)
        case _:
            key = RSAKey.generate_key(2048, given)
    key.ensure_kid()
    return key


def public(key: Key) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


class Issuer:
    """Signs with the last of its keys, and publishes them all."""

    def __init__(self, url: str = ISSUER_URL, *keys: Key) -> None:
        self.url = url
        self.keys = list(keys) or [new_key()]

    def jwks(self) -> dict[str, Any]:
        return {"keys": [public(key) for key in self.keys]}

    def token(self, header: dict[str, Any] | None = None, *, key: Key | None = None, **claims: Any) -> str:
        """An analyst's, good for many years, unless claims and header say otherwise; what is None is left out."""
        signing = key or self.keys[-1]
        all_claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "analyst-1",
            "exp": FAR,
            "rujukan_role": "analyst",
            **claims,
        }
        said = {"alg": signing.alg, "kid": signing.kid, "typ": "JWT", **(header or {})}
        return signed(
            {name: value for name, value in said.items() if value is not None},
            {name: value for name, value in all_claims.items() if value is not None},
            signing,
        )


def signed(header: dict[str, Any], claims: Any, key: Key) -> str:
    """Whatever the header and the claims hold."""
    registry = JWSRegistry(algorithms=list(JWSRegistry.algorithms), strict_check_header=False)
    registry.check_header = lambda _: None  # type: ignore[method-assign]
    registry.max_header_length = 100_000
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return serialize_compact(header, payload, key, registry=registry)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
