"""Which of many alike lines a log is given: all at first, then ever fewer, so that a flood fills no disk and hides
nothing else."""

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock

FIRST = 100
"""Lines alike in an hour that are all written. Of more, those whose number is a power of two: the log tells how many
there were, to within a half."""
WINDOW = 3600.0
MOST = 50_000
"""Kinds of lines remembered at a time."""


@dataclass
class Seldom:
    first: int = FIRST
    window: float = WINDOW
    most: int = MOST
    _counted: dict[Hashable, tuple[float, int]] = field(default_factory=dict)
    _guard: Lock = field(default_factory=Lock)

    def number(self, kind: Hashable) -> int | None:
        """The number that this line is of its kind in this hour; None where it is to be left out."""
        now = time.monotonic()
        with self._guard:
            if len(self._counted) >= self.most:
                self._counted.clear()
            until, number = self._counted.get(kind, (0.0, 0))
            if until <= now:
                until, number = now + self.window, 0
            number += 1
            self._counted[kind] = until, number
        return None if number > self.first and number & (number - 1) else number
