"""The ports of the broker that comes with Rujukan: chosen once, and kept as long as nobody else has taken them."""

import json
import random
import socket
import time
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below those that systems give to connections: a client that tries an address again and again while nobody listens
there could else be given that very port, and keep the broker from coming back to it."""
FREE_WITHIN = 5.0
"""Seconds for the last ones to become free: threads of one that was killed may still hold them."""


@dataclass(frozen=True, slots=True)
class Ports:
    clients: int
    controller: int

    @property
    def are_free(self) -> bool:
        return _is_free(self.clients) and _is_free(self.controller)


def chosen(last: Ports | None) -> Ports:
    """Those of the last time, unless another program has taken one of them."""
    deadline = time.monotonic() + FREE_WITHIN
    while last is not None and time.monotonic() < deadline:
        if last.are_free:
            return last
        time.sleep(0.1)
    free = (port for port in random.SystemRandom().sample(PORTS, len(PORTS)) if _is_free(port))
    return Ports(next(free), next(free))


def stored(ports: Ports) -> str:
    return json.dumps({"clients": ports.clients, "controller": ports.controller})


def read_ports(file: Path) -> Ports | None:
    """Those that were chosen last; None where there are none."""
    try:
        found = json.loads(file.read_text())
        return Ports(int(found["clients"]), int(found["controller"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
