"""The development issuer over HTTP: discovery, its public keys, and tokens for client credentials (RFC 6749, 4.4).

A client id is an agency's id; the secret is the same for all, that of the data directory.
"""

import base64
import binascii
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.actors import fits
from domain.ports import Time
from domain.values import Actor, Role
from infra.development_issuer.issuer import DevelopmentIssuer
from infra.development_issuer.keys import ALGORITHM

LIFETIME = timedelta(minutes=15)
GRANT = "client_credentials"
MOST_FIELDS = 10


def endpoints(issuer: DevelopmentIssuer, time: Time) -> Starlette:
    """To be mounted at the issuer's path."""

    async def discovery(_: Request) -> Response:
        return JSONResponse(_description(issuer.terms.issuer))

    def jwks(_: Request) -> Response:
        return JSONResponse(issuer.files.jwks())

    async def token(request: Request) -> Response:
        body, authorization = await request.body(), request.headers.get("authorization", "")
        return await run_in_threadpool(_answer, issuer, time, body, authorization)

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks.json", jwks),
            Route("/token", token, methods=["POST"]),
        ]
    )


def _description(url: str) -> dict[str, Any]:
    return {
        "issuer": url,
        "jwks_uri": f"{url}/jwks.json",
        "token_endpoint": f"{url}/token",
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }


def _answer(issuer: DevelopmentIssuer, time: Time, body: bytes, authorization: str) -> Response:
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return _refusal(400, "invalid_request")
    if any(len(values) > 1 for values in fields.values()):
        return _refusal(400, "invalid_request")
    given = {name: values[0] for name, values in fields.items()}
    if "grant_type" not in given:
        return _refusal(400, "invalid_request")
    agency, secret = _credentials(authorization, given)
    if not hmac.compare_digest(secret.encode(), issuer.files.client_secret().encode()):
        return _refusal(401, "invalid_client")
    if not fits(Role.AGENCY_SYSTEM, agency):
        return _refusal(401, "invalid_client")
    if given["grant_type"] != GRANT:
        return _refusal(400, "unsupported_grant_type")
    token = issuer.token(Actor(f"system-{agency}", Role.AGENCY_SYSTEM, agency), now=time.now(), lifetime=LIFETIME)
    content = {"access_token": token, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds())}
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _credentials(authorization: str, given: dict[str, str]) -> tuple[str, str]:
    """Client id and secret from the header (RFC 6749, 2.3.1) or the body; empty where there are none."""
    kind, _, encoded = authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode("ascii").partition(":")
        except (binascii.Error, ValueError):
            return "", ""
        return unquote_plus(name), unquote_plus(secret)
    return given.get("client_id", ""), given.get("client_secret", "")


def _refusal(status: int, error: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="rujukan development"'
    return JSONResponse({"error": error}, status, headers=headers)
