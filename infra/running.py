"""What runs in one `rujukan up`: the projections, the clock and the HTTP server, each on its own thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from consumers.clock import Clock
from infra.bootstrap import Composed
from projections.catalogue import PROJECTIONS
from projections.engine.follower import Follower

CLOCK_EVERY = 30.0
"""Seconds between looks for deadlines that have passed."""
LONGEST_STOP = 20.0


@contextmanager
def followers(composed: Composed) -> Iterator[None]:
    """Runs this process's share of the projections and the clock until left; each ends what it is at."""
    stop = threading.Event()
    services = composed.services
    clock = Clock(services.application, services.pool, services.time)
    follower = Follower(composed.connect, composed.recorder, PROJECTIONS)
    threads = [
        threading.Thread(target=follower.run, args=(stop,), name="follower", daemon=True),
        threading.Thread(target=clock.run, args=(stop, CLOCK_EVERY), name="clock", daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(LONGEST_STOP)


def projection_names() -> list[str]:
    return [projection.name for projection in PROJECTIONS]
