"""The HTTP server as a stranger on a socket meets it: nothing that is sent holds others up or fells it."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from fastapi import FastAPI, Request

from api.heads import LONGEST
from infra.http_server import server_of


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server that tells who it takes its caller for."""
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request) -> str:
        return request.client.host if request.client else ""

    bound = socket.create_server(("127.0.0.1", 0))
    server = server_of(app, "127.0.0.1/32")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield bound.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def answer(port: int, *pieces: bytes) -> bytes:
    """Everything that the server says until it closes, whether or not it listens to the end."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        heard = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
        except OSError:
            pass
        try:
            while more := connection.recv(65536):
                heard += more
        except ConnectionResetError:
            pass
        return heard


HEAD = b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"


def test_a_header_that_goes_on_and_on_is_broken_off(port: int) -> None:
    began = time.monotonic()
    heard = answer(port, HEAD + b"X: ", *[b"x" * 65536] * 800)
    assert time.monotonic() - began < 3
    if heard:
        head, _, body = heard.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 431 ")
        assert json.loads(body)["code"] == "head-too-large"
    assert answer(port, HEAD + b"\r\n").endswith(b'"127.0.0.1"')


def test_a_head_sent_slowly_in_small_pieces_is_measured_too(port: int) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        connection.sendall(HEAD)
        with pytest.raises(OSError):
            for _ in range(LONGEST // 1000 + 20):
                connection.sendall(b"X: " + b"x" * 995 + b"\r\n")
                time.sleep(0.005)


def test_a_head_of_a_usual_size_in_pieces_is_read_and_a_second_one_after_it(port: int) -> None:
    pieces = [bytes([byte]) for byte in HEAD.replace(b"Connection: close\r\n", b"") + b"\r\n"]
    heard = answer(port, *pieces, HEAD + b"X: " + b"x" * 20_000, b"x" * 20_000, b"\r\n\r\n")
    assert heard.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    "sent",
    [
        b"garbage\r\n\r\n",
        b"GET /who HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET /wh\x00o HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /" + b"x" * 66_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /who HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /who HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /who HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["garbage", "space", "NUL", "bytes", "address", "two framings", "two lengths", "negative", "connect"],
)
def test_what_is_no_request_is_refused_without_repeating_it(port: int, sent: bytes) -> None:
    heard = answer(port, sent)
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert b"server:" not in heard.lower()
    assert len(heard) < 400


def test_nothing_is_switched_to_another_protocol(port: int) -> None:
    upgrade = b"Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    heard = answer(port, HEAD.replace(b"close", b"Upgrade") + upgrade + b"Connection: close\r\n\r\n")
    assert b" 101 " not in heard


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [(b"203.0.113.9", b"203.0.113.9"), (b"10.9.9.9, 203.0.113.9", b"203.0.113.9"), (b"", b"127.0.0.1")],
)
def test_a_trusted_proxy_says_for_whom_it_asks_and_its_client_adds_nothing(
    port: int, forwarded: bytes, client: bytes
) -> None:
    heard = answer(port, HEAD + b"X-Forwarded-For: " + forwarded + b"\r\n\r\n")
    assert heard.endswith(b'"' + client + b'"')
