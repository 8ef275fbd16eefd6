"""No body above a megabyte reaches a handler, whether its length was said or not."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

LARGEST = 1_000_000
"""Bytes."""
DRAINED = 32_000_000
"""Bytes read and thrown away, so that a client that sends it all before it looks still gets the answer."""


class BodyLimit:
    """Reads the whole body first, which a handler needs anyway."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"expect" in headers and _length(headers) > LARGEST:
            await _refuse(scope, receive, send)
            return
        body, read, more = bytearray(), 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            chunk = message.get("body", b"")
            read += len(chunk)
            more = message.get("more_body", False)
            if read <= LARGEST:
                body += chunk
            elif read > DRAINED:
                break
        if read > LARGEST:
            await _refuse(scope, receive, send)
            return
        await self._app(scope, _replay(bytes(body), receive), send)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _length(headers: dict[bytes, bytes]) -> int:
    text = headers.get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 20 else 0


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    detail = f"The body is larger than {LARGEST:,} bytes."
    await problem(413, "too-large", detail, headers={"Connection": "close"})(scope, receive, send)
