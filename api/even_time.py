"""Answers that may not tell anything by how long they took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import NotFound

LEAST = 0.05
"""Seconds; several times what looking takes, whether or not there is something."""


@contextmanager
def evenly() -> Iterator[None]:
    """What is not found inside is told no sooner than after `LEAST`: that there is none, or that it is another's, which
    takes longer to find out."""
    began = time.perf_counter()
    try:
        yield
    except NotFound:
        time.sleep(max(0.0, began + LEAST - time.perf_counter()))
        raise
