"""Headers on every answer: it is nobody's to keep, to frame or to guess the type of."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
NO_CONTENT = "default-src 'none'; frame-ancestors 'none'"
"""For everything but the documentation, which loads its scripts."""
DOCUMENTATION = ("/docs",)


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(DOCUMENTATION):
                    headers.setdefault("Content-Security-Policy", NO_CONTENT)
            await send(message)

        await self._app(scope, receive, secured)
