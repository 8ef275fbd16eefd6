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
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE = "img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; script-src 'self'"
"""For the documentation, beside its inline scripts by their digests; its styles it writes as it goes."""
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self._app = app
        self._always = {**HEADERS, **({"Strict-Transport-Security": STRICT_TRANSPORT} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        page: Message | None = None

        async def secured(message: Message) -> None:
            nonlocal page
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers.setdefault(name, value)
                if headers.get("Content-Type", "").startswith("text/html"):
                    page = message
                    return
                headers.setdefault("Content-Security-Policy", NOTHING)
            elif page is not None:
                MutableHeaders(scope=page)["Content-Security-Policy"] = _policy(message.get("body", b""))
                await send(page)
                page = None
            await send(message)

        await self._app(scope, receive, secured)


def _policy(page: bytes) -> str:
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE.findall(page))
    return "; ".join([NOTHING, " ".join([PAGE, *(f"'sha256-{digest}'" for digest in digests)])])
