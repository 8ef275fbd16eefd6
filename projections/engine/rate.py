"""How fast a position moves."""

import time
from collections import deque

WINDOW = 10.0
"""Seconds over which it is measured."""


class Rate:
    """Positions passed each second, over the last seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def at(self, position: int) -> float:
        """Notes that the position is now here, and returns the rate; 0 at first."""
        now = time.monotonic()
        while len(self._seen) > 1 and self._seen[1][0] < now - WINDOW:
            self._seen.popleft()
        self._seen.append((now, position))
        (before, first) = self._seen[0]
        return (position - first) / (now - before) if now > before else 0.0
