"""An agency's feed as server-sent events, in the form of the HTML standard."""

from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from anyio import sleep
from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from api.faults import AWAY
from api.identity import holds
from api.rendering import encoded
from api.services import Services
from api.streams import LOOK
from domain.errors import NoWordsYet
from domain.values import Actor

PAGE = 100
"""Messages read at a time: a stream that begins far back takes no more memory than one at the end."""
RETRY_MS = 3000
"""After which a client is to come again."""
UNBUFFERED = {"X-Accel-Buffering": "no"}
"""Proxies that gather answers pass this one on as it comes."""

_log = structlog.get_logger("api")


class FeedStream(EventSourceResponse):
    """Messages behind a position, as they come.

    Between two looks it holds neither a thread nor a connection of the database. It ends when the token by which the
    caller came is good no longer, when the server stops, and when the feed cannot be read: the client comes again, with
    the id of the last event, and is told what is the matter.
    """

    def __init__(self, request: Request, services: Services, actor: Actor, agency: UUID, after: int) -> None:
        super().__init__(self._events(after), headers=UNBUFFERED)
        self._request = request
        self._services = services
        self._actor = actor
        self._agency = agency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises 429 before anything is sent."""
        with self._services.streams.place(self._actor.sub, self._agency):
            await super().__call__(scope, receive, send)

    async def _events(self, after: int) -> AsyncIterator[bytes]:
        yield format_sse_event(retry=RETRY_MS)
        try:
            async for chunk in self._chunks(after):
                yield chunk
        except (*AWAY, NoWordsYet) as fault:
            _log.warning("stream-broken-off", kind=type(fault).__name__)

    async def _chunks(self, after: int) -> AsyncIterator[bytes]:
        feed, streams = self._services.feed, self._services.streams
        behind, heard = True, monotonic()
        while not streams.ending and await holds(self._request, self._services):
            items = await run_in_threadpool(feed.read, self._agency, after, PAGE) if behind else []
            if items:
                after = items[-1]["position"]
                yield b"".join(_event(item) for item in items)
                heard = monotonic()
            elif monotonic() - heard >= streams.heartbeat:
                yield KEEPALIVE_COMMENT
                heard = monotonic()
            behind = len(items) == PAGE
            if not behind:
                await sleep(LOOK)
                behind = await streams.newest(self._agency, feed.newest) > after


def _event(item: Mapping[str, Any]) -> bytes:
    return format_sse_event(data_str=encoded(item).decode(), event=item["type"], id=str(item["position"]))
