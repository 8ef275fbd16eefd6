"""Headers on every answer: it is nobody's to keep, to frame, to embed or to guess the type of."""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
"""Where callers come by https, as they do in production."""
POLICY = b"content-security-policy"
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE = "img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; script-src 'self'"
"""For the documentation, beside its inline scripts by their digests; its styles it writes as it goes."""
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self._app = app
        always = {**HEADERS, **({"Strict-Transport-Security": STRICT_TRANSPORT} if secure else {})}
        self._always = [(name.lower().encode(), value.encode()) for name, value in always.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        page: Message | None = None

        async def secured(message: Message) -> None:
            nonlocal page
            if message["type"] == "http.response.start":
                given = dict(message["headers"])
                message["headers"] = [*message["headers"], *(h for h in self._always if h[0] not in given)]
                if given.get(b"content-type", b"").startswith(b"text/html"):
                    page = message
                    return
                if POLICY not in given:
                    message["headers"].append((POLICY, NOTHING.encode()))
            elif page is not None:
                MutableHeaders(scope=page)["Content-Security-Policy"] = _policy(message.get("body", b""))
                await send(page)
                page = None
            await send(message)

        await self._app(scope, receive, secured)


def _policy(page: bytes) -> str:
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE.findall(page))
    return "; ".join([NOTHING, " ".join([PAGE, *(f"'sha256-{digest}'" for digest in digests)])])
