"""The moments at which a process that sends or takes in may die, named so that a test can kill it there."""

from collections.abc import Callable
from enum import Enum, auto


class Point(Enum):
    ARRIVED = auto()
    """The broker has acknowledged messages; that they were sent is not recorded yet."""
    STORED = auto()
    """An answer is in the log, or kept as refused; its offset is not committed yet."""


Reached = Callable[[Point], None]


def unnoticed(_: Point) -> None:
    """What is done at these points unless told otherwise: nothing."""
