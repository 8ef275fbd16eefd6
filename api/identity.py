"""Who calls: the bearer of a token (RFC 6750). No other file of the API knows of tokens in headers."""

import re
from typing import Annotated, NoReturn

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from api.problems import Refusal
from api.rate_limits import check_requests, check_stranger
from api.security_log import ACTOR, met
from api.services import Services
from api.tokens import IssuerAway, TokenFault, TokenRefused
from domain.values import Actor, Role

CHALLENGE = 'Bearer realm="rujukan"'
REFUSED = f'{CHALLENGE}, error="invalid_token"'
LONGEST_TOKEN = 8192
"""Characters; those of an issuer with many claims have two or three thousand."""
LONGEST_LOGGED = 80
STRANGE = re.compile(r"[^A-Za-z0-9._~:/?#@!$&'()*+,;=%-]")
RETRY = {"Retry-After": "5"}
DETAILS = {
    "missing-identity": "Say who you are by a bearer token in the Authorization header.",
    "malformed-identity": f"Send one Authorization header: Bearer and a token of up to {LONGEST_TOKEN} characters.",
    TokenFault.MALFORMED: "The token is no signed JSON Web Token.",
    TokenFault.TYPE: "The token is no access token.",
    TokenFault.ALGORITHM: "The token is signed by an algorithm that is not accepted.",
    TokenFault.CRITICAL: "The token demands an extension, and none is understood here.",
    TokenFault.KEY: "The token names no key of the issuer.",
    TokenFault.SIGNATURE: "The token's signature is not the issuer's.",
    TokenFault.CLAIMS: "The token lacks a claim that is needed, or has one of the wrong kind.",
    TokenFault.ISSUER: "The token is of another issuer.",
    TokenFault.AUDIENCE: "The token is for another audience.",
    TokenFault.EXPIRED: "The token has expired.",
    TokenFault.NOT_YET_VALID: "The token is not valid yet.",
    TokenFault.ROLE: "The token does not name one role that is known here.",
    TokenFault.SCOPE: "The token's scope does not fit its role.",
}


class Bearer(HTTPBearer):
    """Tells the documentation how callers say who they are, and handlers who calls: one dependency, since every request
    pays for each."""

    async def __call__(self, request: Request) -> Actor:  # type: ignore[override]
        """Found out by the route already, before it read anything else of the request."""
        known: Actor | None = request.scope.get(ACTOR)
        return known or await identified(request, request.app.state.services)


caller = Bearer(
    scheme_name="Bearer",
    bearerFormat="JWT",
    description="An access token of the identity provider; in development, what `rujukan token` prints.",
)


async def identified(request: Request, services: Services) -> Actor:
    """Raises 401 where the caller does not say, or cannot prove, who they are; 503 while that cannot be found out; 429
    where they, or strangers at their address, ask too often."""
    given = request.headers.getlist("authorization")
    if not given:
        _refuse(request, services, "missing-identity", CHALLENGE)
    kind, token = _parts(given[0])
    if len(given) > 1 or kind.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN:
        _refuse(request, services, "malformed-identity")
    try:
        actor = await services.tokens.verify(token)
    except TokenRefused as refused:
        _refuse(request, services, refused.fault, kid=_shown(refused.kid), iss=_shown(refused.issuer))
    except IssuerAway:
        detail = "Tokens cannot be checked at present; please try again."
        raise Refusal(503, "issuer-away", detail, headers=RETRY) from None
    request.scope[ACTOR] = actor
    check_requests(services.limits, actor)
    return actor


async def holds(request: Request, services: Services) -> bool:
    """Whether the caller, who was let in, would be now: for what goes on for longer than an answer."""
    known: Actor = request.scope[ACTOR]
    _, token = _parts(request.headers["authorization"])
    try:
        return await services.tokens.verify(token) == known
    except (TokenRefused, IssuerAway):
        return False


def _parts(header: str) -> tuple[str, str]:
    """Scheme and token."""
    kind, _, token = header.strip().partition(" ")
    return kind, token.strip()


def _refuse(
    request: Request,
    services: Services,
    code: str,
    challenge: str = REFUSED,
    *,
    kid: str | None = None,
    iss: str | None = None,
) -> NoReturn:
    """Leaves a line in the log; the answer is the same for all who are refused by this code.

    It comes after the token was looked at: whoever shares an address with strangers and proves who they are is served.
    """
    services.security.tell("identity-refused", str(code), **met(request.scope), kid=kid, iss=iss)
    check_stranger(services.limits, request.client.host if request.client else "")
    raise Refusal(401, str(code), DETAILS[code], headers={"WWW-Authenticate": challenge}) from None


def _shown(text: str | None) -> str | None:
    """What a stranger wrote: cut short, and without anything but the characters of names and addresses."""
    return None if text is None else STRANGE.sub("?", text[:LONGEST_LOGGED])


Caller = Annotated[Actor, Depends(caller)]


def check_role(actor: Actor, *roles: Role) -> None:
    """A route that a role may never use says so before it looks for anything."""
    if actor.role not in roles:
        raise Refusal(403, "forbidden", f"The role {actor.role} may not use this route.")
