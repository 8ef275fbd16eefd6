"""Data keys in memory for a while: few bytes each, no more than so many, and none for longer than a minute."""

import threading
import time
from collections.abc import Callable, Mapping
from uuid import UUID

MOST = 140_000
"""Keys kept: those of all 33,000 facilitators, and of 100,000 persons and households that are read."""
LONGEST = 60.0
"""Seconds. Another process may have destroyed a key meanwhile: for so long what it sealed may still be opened here."""

UNKNOWN = object()


class KeyCache:
    """Two generations of half the number and half the age: the older is dropped whole when the younger is full, or of
    age. A key that is not there at all is remembered as None."""

    def __init__(self, most: int = MOST, longest: float = LONGEST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._longest, self._clock = most // 2, longest / 2, clock
        self._younger: dict[bytes, bytes | None] = {}
        self._older: dict[bytes, bytes | None] = {}
        self._since = clock()
        self._turning = threading.Lock()

    def get(self, key: UUID) -> bytes | object | None:
        """The data key, None where there is none, or `UNKNOWN`."""
        self._turn_if_due(0)
        found = self._younger.get(key.bytes, UNKNOWN)
        return self._older.get(key.bytes, UNKNOWN) if found is UNKNOWN else found

    def put(self, found: Mapping[UUID, bytes | None]) -> None:
        self._turn_if_due(len(found))
        self._younger.update({key.bytes: data_key for key, data_key in found.items()})

    def forget(self) -> None:
        with self._turning:
            self._younger, self._older = {}, {}

    def __len__(self) -> int:
        return len(self._younger) + len(self._older)

    def _turn_if_due(self, coming: int) -> None:
        if self._clock() - self._since < self._longest and len(self._younger) + coming <= self._most:
            return
        with self._turning:
            ages, age = divmod(self._clock() - self._since, self._longest)
            if ages or len(self._younger) + coming > self._most:
                self._older, self._younger = ({} if ages > 1 else self._younger), {}
                self._since = self._clock() - (age if ages else 0)
