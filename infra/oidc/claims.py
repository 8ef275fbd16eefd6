"""From the claims of a token whose signature was checked to who bears it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import ClaimError, ExpiredTokenError, MissingClaimError
from joserfc.jwt import JWTClaimsRegistry

from api.actors import fits, is_subject
from api.tokens import TokenFault
from domain.values import Actor, Role
from infra.oidc.terms import Terms

FAULTS = {
    "iss": TokenFault.ISSUER,
    "aud": TokenFault.AUDIENCE,
    "nbf": TokenFault.NOT_YET_VALID,
    "iat": TokenFault.NOT_YET_VALID,
}
MOMENTS = ("exp", "nbf", "iat")


class Unfit(Exception):
    """These claims make nobody."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Bearer:
    """An actor, from one moment to before another (seconds since 1970, leeway included)."""

    actor: Actor
    since: float
    until: float


def bearer_of(claims: Mapping[str, Any], terms: Terms, now: int) -> Bearer:
    """Raises `Unfit`."""
    _check(claims, terms, now)
    role = _role(_claim(claims, terms.role_claim))
    scope = _scope(_claim(claims, terms.scope_claim))
    if not is_subject(claims["sub"]):
        raise Unfit(TokenFault.CLAIMS)
    if not fits(role, scope):
        raise Unfit(TokenFault.SCOPE)
    since = max(claims.get("nbf", -math.inf), claims.get("iat", -math.inf))
    return Bearer(Actor(claims["sub"], role, scope), since - terms.leeway, claims["exp"] + terms.leeway)


def _check(claims: Mapping[str, Any], terms: Terms, now: int) -> None:
    if not all(_is_moment(claims[name]) for name in MOMENTS if name in claims):
        raise Unfit(TokenFault.CLAIMS)
    registry = JWTClaimsRegistry(
        now=now,
        leeway=terms.leeway,
        iss={"essential": True, "value": terms.issuer},
        aud={"essential": True, "value": terms.audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except MissingClaimError:
        raise Unfit(TokenFault.CLAIMS) from None
    except ExpiredTokenError:
        raise Unfit(TokenFault.EXPIRED) from None
    except ClaimError as error:
        raise Unfit(FAULTS.get(error.claim, TokenFault.CLAIMS)) from None


def _is_moment(value: object) -> bool:
    """A number of seconds that clocks may show: JSON as Python reads it knows infinity, and integers beyond any."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _role(value: Any) -> Role:
    """The one role of ours; identity providers list roles of their own beside it."""
    listed = value if isinstance(value, list) else [value]
    known = {role for role in Role if role is not Role.CLOCK and role.value in listed}
    if len(known) != 1:
        raise Unfit(TokenFault.ROLE)
    return known.pop()


def _scope(value: Any) -> str:
    """A text, or a list of one, as user attributes come; without one the scope is empty."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unfit(TokenFault.SCOPE)
    return value
