"""A server under a data directory that several processes use: started by the first, stopped by the last to leave.

The locks go with their holders, however those end.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

Found = TypeVar("Found")


@contextmanager
def used(home: Path, name: str, start: Callable[[], Found], stop: Callable[[], None]) -> Iterator[Found]:
    """Yields what `start` returns, which is called by each user, and `stop` by the last alone; neither at the same time
    as any other of them."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{name}.users").open("ab") as users:
        try:
            with alone(home, name):
                fcntl.flock(users, fcntl.LOCK_SH)
                found = start()
            yield found
        finally:
            with alone(home, name):
                if _is_free(users):
                    stop()


@contextmanager
def alone(home: Path, name: str) -> Iterator[None]:
    """Makes, starts and stops happen one at a time."""
    with (home / f"{name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def busy(home: Path, name: str) -> bool:
    """Whether a make, start or stop is under way."""
    try:
        lock = (home / f"{name}.lock").open("rb")
    except FileNotFoundError:
        return False
    with lock:
        return not _is_free(lock)


def _is_free(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
