"""Which households a principal has opened lately, so that only others count, and taken in portions from the shared
counter, so that most answers cost no statement."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

MOST = 500_000
"""Households remembered in this process. Beyond, all are forgotten, and count again."""


@dataclass
class Lately:
    """What one principal opened by way of this process in the window that ends at `until`; `left` more may be opened
    before the shared counter is asked again."""

    until: float
    households: set[UUID] = field(default_factory=set)
    left: int = 0


class OpenedLately:
    def __init__(self, window: float, most: int = MOST) -> None:
        self._window = window
        self._most = most
        self._remembered = 0
        self._guard = Lock()
        self._of: dict[str, Lately] = {}

    def open(self, who: str, households: Collection[UUID], taken: int = 0) -> int:
        """Remembers them all and returns 0; or, where too few are left even with those `taken` from the shared counter,
        how many are lacking."""
        with self._guard:
            lately = self._lately(who)
            lately.left += taken
            fresh = set(households) - lately.households
            if len(fresh) > lately.left:
                return len(fresh) - lately.left
            lately.left -= len(fresh)
            lately.households |= fresh
            self._remembered += len(fresh)
            if self._remembered > self._most:
                self._of.clear()
                self._remembered = 0
            return 0

    def _lately(self, who: str) -> Lately:
        now = time.monotonic()
        found = self._of.get(who)
        if found is None or found.until <= now:
            self._remembered -= len(found.households) if found else 0
            found = self._of[who] = Lately(now + self._window)
        return found
