"""The moments of a batch at which a process may die, named so that a test can kill it there."""

from collections.abc import Callable
from enum import Enum, auto


class Point(Enum):
    BEFORE_WRITE = auto()
    """The batch is read; its transaction is not begun."""
    AFTER_WRITE = auto()
    """Position, states and rows are written; nothing is committed."""
    AFTER_COMMIT = auto()
    """Committed, as far as the server is concerned; this process has not noted it yet."""


Reached = Callable[[Point], None]
"""Told on the runner's own thread; the batch goes on when it returns."""


def unnoticed(_: Point) -> None:
    """What a runner does at its points unless told otherwise: nothing."""
