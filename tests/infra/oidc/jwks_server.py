"""An issuer's web server on 127.0.0.1: what it publishes, how it misbehaves, and how often it was asked."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.issuer import Issuer

DISCOVERY, JWKS = "/.well-known/openid-configuration", "/jwks"


class JwksServer:
    """Publishes the keys of `issuer`, which is at its URL. Behaviour may be changed while it runs."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.status = 200
        self.headers: dict[str, str] = {}
        self.delay = 0.0
        self.discovery: dict[str, Any] = {}
        self.jwks: bytes | None = None
        self.dripping = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = Issuer(self.url)

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Nothing listens on the port any more."""
        self._server.shutdown()
        self._server.server_close()

    def document(self, path: str) -> bytes:
        if path == DISCOVERY:
            return json.dumps({"issuer": self.url, "jwks_uri": self.url + JWKS, **self.discovery}).encode()
        return json.dumps(self.issuer.jwks()).encode() if self.jwks is None else self.jwks

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked[self.path] += 1
                time.sleep(server.delay)
                content = server.document(self.path)
                self.send_response(server.status)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(OSError):  # whoever asked may have gone
                    for part in [content[n : n + 1] for n in range(len(content))] if server.dripping else [content]:
                        self.wfile.write(part)
                        time.sleep(0.05 if server.dripping else 0.0)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def jwks_server() -> Iterator[JwksServer]:
    server = JwksServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
