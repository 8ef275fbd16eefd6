"""Stands between clients and the server, and lets a fault decide what becomes of each thing that a client asks."""

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

APPENDED = (b"household.", b"referral.")
"""What the topics of the events begin with that writers append; nothing else they ask holds such words."""


class Relay:
    """`url` leads through it. Whatever the fault does not take in hand is passed on."""

    def __init__(self, url: str, fault: "Fault") -> None:
        self.fault = fault
        self._target = f"{conninfo_to_dict(url)['host']}/.s.PGSQL.5432"
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = make_conninfo(url, host="127.0.0.1", port=port, sslmode="disable", gssencmode="disable")

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._relay, args=[client], daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError, Ended):
            server.connect(self._target)
            Session(client, server).relay(lambda session: self.fault(session))


class Session:
    """One client's conversation with the server; `request` is what it asks just now, to the last message."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.request = b""
        self.status = b"I"
        """`T` in a transaction, `E` in one that failed, `I` in none."""
        self.appended = False
        """Whether the present transaction has appended events."""

    def relay(self, fault: "Fault") -> None:
        size = exactly(self.client, 4)
        self.server.sendall(size + exactly(self.client, struct.unpack("!i", size)[0] - 4))
        while True:
            readable, _, _ = select.select([self.client, self.server], [], [])
            if self.server in readable:
                self.pass_back()
                continue
            message = one_message(self.client)
            self.request += message
            if message[:1] in b"SQX":
                fault(self)
                self.appended = self.status != b"I" and (self.appended or self.appends)
                self.request = b""

    @property
    def commits(self) -> bool:
        return self.request[:1] == b"Q" and b"COMMIT" in self.request

    @property
    def appends(self) -> bool:
        return any(topic in self.request for topic in APPENDED)

    @property
    def settles(self) -> bool:
        """Whether an append is committed by this request."""
        return self.appended if self.commits else self.appends and self.status == b"I"

    # What a fault may do

    def pass_on(self) -> None:
        self.server.sendall(self.request)

    def pass_back(self) -> None:
        """One message of the server."""
        self.client.sendall(self._from_server())

    def carry_out(self, request: bytes) -> bytes:
        """Has the server do it, and keeps its answer from the client."""
        self.server.sendall(request)
        answer = b""
        while True:
            message = self._from_server()
            answer += message
            if message[:1] == b"Z":
                return answer

    def answer(self, sqlstate: str, text: str, *, severity: str = "ERROR") -> None:
        """An error in place of the server's answer; the transaction, if the client is in one, has failed by it."""
        fields = (f"S{severity}", f"V{severity}", f"C{sqlstate}", f"M{text}")
        failed = b"E" if self.status == b"T" else b"I"
        error = message_of(b"E", b"".join(field.encode() + b"\0" for field in fields) + b"\0")
        self.client.sendall(error + (message_of(b"Z", failed) if severity == "ERROR" else b""))

    def cut(self) -> None:
        raise Ended

    def _from_server(self) -> bytes:
        message = one_message(self.server)
        if message[:1] == b"Z":
            self.status = message[5:]
        return message


Fault = Callable[[Session], None]


class Ended(Exception):
    """This conversation is over, for both sides."""


def one_message(source: socket.socket) -> bytes:
    head = exactly(source, 5)
    return head + exactly(source, struct.unpack("!i", head[1:])[0] - 4)


def exactly(source: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = source.recv(size - len(parts))
        if not part:
            raise Ended
        parts += part
    return bytes(parts)


def message_of(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content


def asking(text: str) -> bytes:
    """A request by a client of the server's."""
    return message_of(b"Q", text.encode() + b"\0")
