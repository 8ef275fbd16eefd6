"""Who calls. Until OIDC, `Authorization: Dev <base64url of {"sub", "role", "scope"}>`; no other file knows of it."""

import base64
import binascii
import ipaddress
import json
import re
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader

from api.json_bodies import storable
from api.problems import Refusal
from domain.transitions import AGENCIES
from domain.values import Actor, Role

CHALLENGE = {"WWW-Authenticate": 'Dev realm="rujukan"'}
REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
LONGEST_SUB = 200
LONGEST_HEADER = 4096

scheme = APIKeyHeader(
    name="Authorization",
    scheme_name="Dev",
    description='`Dev ` and the base64url of JSON `{"sub", "role", "scope"}`; from this machine only.',
    auto_error=False,
)


async def caller(request: Request, _: Annotated[str | None, Depends(scheme)]) -> Actor:
    """Raises 401 where the caller does not say, or may not in this way say, who they are."""
    given = request.headers.getlist("authorization")
    if not given:
        raise _refusal("missing-identity", "Say who you are in the Authorization header.")
    kind, _space, token = given[0].strip().partition(" ")
    if len(given) > 1 or kind.lower() != "dev" or len(token) > LONGEST_HEADER:
        raise _refusal("malformed-identity", "The Authorization header must be `Dev` and one token.")
    if not request.app.state.development:
        raise _refusal("identity-not-accepted", "The development identity is not accepted in production.")
    if not _from_here(request):
        raise _refusal("identity-not-accepted", "The development identity is accepted from this machine only.")
    return actor_of(token.strip())


def actor_of(token: str) -> Actor:
    try:
        padded = token.rstrip("=") + "=" * (-len(token.rstrip("=")) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True).decode())
        sub, scope, role = found["sub"], found.get("scope") or "", Role(found["role"])
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _refusal(
            "malformed-identity", 'The token must be base64url of JSON with "sub", "role" and, for most roles, "scope".'
        ) from None
    if not (isinstance(sub, str) and 0 < len(sub) <= LONGEST_SUB and sub.isprintable() and storable(sub)):
        raise _refusal("malformed-identity", f"`sub` must be a text of 1 to {LONGEST_SUB} characters.")
    if not isinstance(scope, str) or not fits(role, scope):
        raise _refusal("malformed-identity", f"The scope does not fit the role {role}.")
    return Actor(sub, role, scope)


def fits(role: Role, scope: str) -> bool:
    """The clock is Rujukan itself, and no caller; an agency's scope is its id, a regional officer's a region."""
    if role is Role.CLOCK or len(scope) > LONGEST_SUB or not storable(scope):
        return False
    if role is Role.REGIONAL_OFFICER:
        return REGION.fullmatch(scope) is not None
    return _is_uuid(scope) if role in AGENCIES or (role is Role.FACILITATOR and scope) else True


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _from_here(request: Request) -> bool:
    """What a proxy on this machine hands on comes from elsewhere."""
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _refusal(code: str, detail: str) -> Refusal:
    return Refusal(401, code, detail, headers=CHALLENGE)


Caller = Annotated[Actor, Depends(caller)]


def check_role(actor: Actor, *roles: Role) -> None:
    """A route that a role may never use says so before it looks for anything."""
    if actor.role not in roles:
        raise Refusal(403, "forbidden", f"The role {actor.role} may not use this route.")
