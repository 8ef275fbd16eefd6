"""The HTTP server in front of the API: uvicorn's, which alone would read a head of whatever length."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.heads import LONGEST, TOO_LONG
from api.problems import problem

GRACE = 5
"""Seconds for requests that are under way when the server stops."""


class BoundedHeads(HttpToolsProtocol):
    """Breaks off a head that goes on and on; one that arrives whole is measured by the API.

    Its parser gathers a header piece by piece, each time copying what it has: fifty megabytes would hold up everybody
    for seconds.
    """

    _in_head = False
    _head = 0

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        went_on = self._in_head
        super().data_received(data)
        if went_on and self._in_head:
            self._head += len(data)
            if self._head > LONGEST and not self.transport.is_closing():
                self._break_off()

    def _break_off(self) -> None:
        answer = problem(*TOO_LONG)
        lines = [b"HTTP/1.1 %d " % answer.status_code, *(b"%s: %s" % header for header in answer.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
        self.transport.close()


class Server(uvicorn.Server):
    """Says that it stops before it waits for the answers that are under way: some of them end for nothing else."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


def server_of(app: Any, proxies: str | None = None, stopping: Callable[[], None] = lambda: None) -> uvicorn.Server:
    """`proxies` are the addresses whose `X-Forwarded-For` names the client, with commas between them; `stopping` is
    called when the server begins to stop."""
    protocol: type[asyncio.Protocol] = BoundedHeads
    return Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=proxies is not None,
            forwarded_allow_ips=proxies or "",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        ),
        stopping,
    )
