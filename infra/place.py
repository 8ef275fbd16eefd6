"""The place of one running Rujukan: its data directory, which only one may run from, and its port."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


class Taken(Exception):
    """The port or the data directory is in use; the text says by what, on one line."""


@contextmanager
def sole_runner(home: Path) -> Iterator[None]:
    """Raises `Taken` where another `rujukan up` runs from this directory; however that one ends, its hold ends."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken(f"Rujukan runs from {home} already; give another RUJUKAN_HOME or stop it first.") from None
        yield


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """A socket bound to the port of this machine alone; raises `Taken` where it is in use."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, port))
        except OSError as error:
            raise Taken(f"Port {port} cannot be used ({error.strerror}); give another with --port.") from None
        yield bound


@contextmanager
def announced(home: Path, port: int) -> Iterator[None]:
    """Tells `rujukan status` which process runs here, and on which port."""
    file = home / "up.json"
    file.write_text(json.dumps({"pid": os.getpid(), "port": port}))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def announcement(home: Path) -> dict[str, Any] | None:
    """What was announced last; whoever did may be gone."""
    try:
        found = json.loads((home / "up.json").read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"pid", "port"} <= found.keys() else None
