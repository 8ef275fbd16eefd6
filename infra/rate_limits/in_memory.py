"""Counts in this process alone, for what may cost nothing.

The library's own storage in memory starts a thread for each hit that finds none running, which looks through all keys.
"""

import time
from threading import Lock
from typing import Any

from limits.storage import Storage

MOST = 100_000
"""Keys at a time. Beyond, those whose window has ended are forgotten, or else all: whoever chose so many keys chose
them to fill the memory."""


class InMemory(Storage):
    STORAGE_SCHEME = None

    def __init__(self, most: int = MOST, **options: Any) -> None:
        super().__init__(**options)
        self._most = most
        self._guard = Lock()
        self._counted: dict[str, tuple[float, int]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = time.time()
        with self._guard:
            until, count = self._counted.get(key, (0.0, 0))
            if until <= now:
                until, count = now + expiry, 0
                self._make_room(now)
            self._counted[key] = until, count + amount
            return count + amount

    def get(self, key: str) -> int:
        until, count = self._counted.get(key, (0.0, 0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self._counted.get(key, (time.time(), 0))[0]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._guard:
            count = len(self._counted)
            self._counted.clear()
            return count

    def clear(self, key: str) -> None:
        with self._guard:
            self._counted.pop(key, None)

    def _make_room(self, now: float) -> None:
        if len(self._counted) < self._most:
            return
        self._counted = {key: found for key, found in self._counted.items() if found[0] > now}
        if len(self._counted) >= self._most:
            self._counted.clear()
