"""How often Python looks for objects that refer to one another in circles."""

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 20
"""Of Python's own thresholds the first is 700."""


def collect_seldom() -> None:
    """For the whole process, from now on.

    Events, states and rows are made by the ten thousand, live for one batch or one answer, and refer to nothing in
    circles: looking through them took more than a third of the time in which projections fold. Whatever does form
    circles is still found, a few megabytes later.
    """
    gc.set_threshold(YOUNG, MIDDLE, OLD)
