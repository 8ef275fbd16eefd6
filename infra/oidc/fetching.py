"""Fetches an issuer's keys over HTTP, found by OpenID Connect discovery or under a given URL."""

import json
import ssl
import time
from collections.abc import Callable
from typing import Any

import urllib3

from infra.oidc.issuer_keys import Unfetched
from infra.oidc.urls import trusted_url

DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT = urllib3.Timeout(connect=3.0, read=5.0)
LONGEST = 10.0
"""Seconds for one document, however slowly it comes."""
LARGEST, CHUNK = 500_000, 65_536
"""Bytes."""
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


def fetching(issuer: str, jwks_url: str | None) -> Callable[[], Any]:
    """A function that fetches the JWK set anew; it raises `Unfetched`. Certificates are those the system trusts."""

    def fetch() -> Any:
        trust = ssl.create_default_context()
        with urllib3.PoolManager(ssl_context=trust, timeout=TIMEOUT, retries=False) as client:
            return _document(client, jwks_url or _discovered(client, issuer))

    return fetch


def _discovered(client: urllib3.PoolManager, issuer: str) -> str:
    """The document must be that of this very issuer (OpenID Connect Discovery, 4.3)."""
    found = _document(client, issuer.rstrip("/") + DISCOVERY)
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise Unfetched("the discovery document is another issuer's")
    url = found.get("jwks_uri")
    try:
        return trusted_url(url if isinstance(url, str) else "")
    except ValueError as error:
        raise Unfetched(f"the discovery document's jwks_uri {error}") from None


def _document(client: urllib3.PoolManager, url: str) -> Any:
    """Redirects are not followed: what is trusted is this place."""
    until, content = time.monotonic() + LONGEST, bytearray()
    try:
        answer = client.request("GET", url, headers=HEADERS, redirect=False, preload_content=False)
        if answer.status != 200:
            raise Unfetched(f"{url} answered {answer.status}")
        while chunk := answer.read1(CHUNK, decode_content=False):
            content += chunk
            if len(content) > LARGEST:
                raise Unfetched(f"{url} answered with more than {LARGEST} bytes")
            if time.monotonic() > until:
                raise Unfetched(f"{url} took longer than {LONGEST:.0f} s")
    except urllib3.exceptions.HTTPError as error:
        raise Unfetched(f"{url}: {type(error).__name__}") from None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unfetched(f"{url} did not answer with JSON") from None
