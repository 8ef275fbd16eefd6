"""A token as it was given: what it says of itself, before anything of that is believed."""

import json
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError, MissingCritHeaderError
from joserfc.jws import CompactSignature, extract_compact, validate_compact

from api.tokens import TokenFault, TokenRefused
from infra.oidc.algorithms import Registry
from infra.oidc.key_set import PublicKey

TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
"""Other kinds of token, such as one that logs out, are signed by the same keys (RFC 8725, 3.11)."""


@dataclass(frozen=True, slots=True)
class Signed:
    """`claims` are to be believed once the signature was checked."""

    kid: str
    claims: dict[str, Any]
    form: CompactSignature

    def check_signature(self, key: PublicKey, registry: Registry) -> None:
        try:
            good = validate_compact(self.form, key.key, registry=registry)
        except JoseError:  # a key of another kind, or for another algorithm or use
            raise self.refused(TokenFault.KEY) from None
        if not good:
            raise self.refused(TokenFault.SIGNATURE)

    def refused(self, fault: TokenFault) -> TokenRefused:
        return _refused(fault, self.kid, self.claims)


def read(token: str, registry: Registry) -> Signed:
    """Raises `TokenRefused` for what no key need be fetched for."""
    form = _form(token, registry)
    header, claims = form.headers(), _object(form.payload)
    kid = header.get("kid")
    if claims is None:
        raise _refused(TokenFault.MALFORMED, kid, {})
    if "crit" in header or "b64" in header:
        raise _refused(TokenFault.CRITICAL, kid, claims)
    algorithm, kind = header.get("alg"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in (registry.allowed or ()):
        raise _refused(TokenFault.ALGORITHM, kid, claims)
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        raise _refused(TokenFault.TYPE, kid, claims)
    if not isinstance(kid, str):
        raise _refused(TokenFault.KEY, None, claims)
    try:
        registry.check_header(header)
    except JoseError:
        raise _refused(TokenFault.MALFORMED, kid, claims) from None
    return Signed(kid, claims, form)


def _form(token: str, registry: Registry) -> CompactSignature:
    try:
        form = extract_compact(token.encode(), registry=registry)
        if isinstance(form.headers(), dict):
            return form
    except MissingCritHeaderError:
        raise TokenRefused(TokenFault.CRITICAL) from None
    except (JoseError, ValueError, TypeError, RecursionError):
        pass
    raise TokenRefused(TokenFault.MALFORMED)


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refused(fault: TokenFault, kid: Any, claims: dict[str, Any]) -> TokenRefused:
    issuer = claims.get("iss")
    return TokenRefused(
        fault, kid=kid if isinstance(kid, str) else None, issuer=issuer if isinstance(issuer, str) else None
    )
