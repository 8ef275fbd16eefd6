"""The broker that comes with Rujukan: made, started, shared by those who use it, stopped by the last to leave.

As with the embedded PostgreSQL every step may be cut short by SIGKILL and is then completed or redone by the next user.
It is for development and tests: one node, and no encryption on the way from and to this machine itself.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.kafka.access import Access
from infra.kafka.clients import proves
from infra.kafka.distribution import Tell
from infra.kafka.server import Server
from infra.shared_use import alone, busy, used

_NAME = "kafka"


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True)
class Broker:
    """One that answers. `access` is its administrator's."""

    access: Access
    _server: Server

    def listens(self) -> bool:
        return self._server.listens()

    def revive(self) -> "Broker":
        """Starts it anew where something else has ended it; its address may be another then."""
        with alone(self._server.home, _NAME):
            return Broker(self._server.ensure_running(), self._server)


@contextmanager
def embedded_broker(home: Path, *, tell: Tell = _silent, abandon: threading.Event | None = None) -> Iterator[Broker]:
    """Yields a broker under `home`, fetched, made or started where needed.

    Any number of processes may be inside at once. `tell` is called with a line about each step that may take a while;
    `abandon` ends a start that is under way. Raises `BrokerError`.
    """
    server = Server(home.resolve(), tell, abandon=abandon)

    def start() -> Broker:
        server.ensure_made()
        return Broker(server.ensure_running(), server)

    with used(home, _NAME, start, server.stop) as broker:
        yield broker


def running(home: Path) -> Access | None:
    """How its administrator reaches the broker of `home` if it answers, without starting anything."""
    server = Server(home.resolve(), _silent)
    access = server.access()
    return access if access is not None and server.listens() and proves(access) else None


def on_its_way(home: Path) -> bool:
    """Whether somebody is at it to start or stop it."""
    return busy(home, _NAME)
