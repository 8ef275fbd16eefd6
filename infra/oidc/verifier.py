"""Fills the API's port for tokens: JSON Web Tokens signed by one issuer, for this audience, with a role and a scope."""

from api.tokens import TokenFault
from domain.ports import Time
from domain.values import Actor
from infra.oidc.algorithms import Registry
from infra.oidc.claims import Unfit, bearer_of
from infra.oidc.issuer_keys import IssuerKeys
from infra.oidc.seen import Seen, SeenTokens, digest_of
from infra.oidc.signed import read
from infra.oidc.terms import Terms


class OidcVerifier:
    """Judges by the issuer's present keys and the time port, also what it has seen before."""

    def __init__(self, terms: Terms, keys: IssuerKeys, time: Time) -> None:
        self._terms = terms
        self._keys = keys
        self._time = time
        self._registry = Registry(terms.algorithms)
        self._seen = SeenTokens()

    async def verify(self, token: str) -> Actor:
        digest, now = digest_of(token), self._time.now().timestamp()
        seen = self._seen.get(digest)
        if seen is not None and seen.since <= now < seen.until and self._holds(seen):
            return seen.actor
        signed = read(token, self._registry)
        key = await self._keys.find(signed.kid)
        if key is None:
            raise signed.refused(TokenFault.KEY)
        signed.check_signature(key, self._registry)
        try:
            bearer = bearer_of(signed.claims, self._terms, int(now))
        except Unfit as unfit:
            raise signed.refused(unfit.fault) from None
        self._seen.put(digest, Seen(bearer.actor, signed.kid, key.thumbprint, bearer.since, bearer.until))
        return bearer.actor

    def _holds(self, seen: Seen) -> bool:
        """A token is good for no longer than the issuer publishes the key that signed it."""
        key = self._keys.current().get(seen.kid)
        return key is not None and key.thumbprint == seen.thumbprint
