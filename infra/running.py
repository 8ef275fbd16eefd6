"""What runs in one `rujukan up`: the projections, the clock, erasures and the HTTP server, each on its own thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from consumers.clock import Clock
from consumers.erasing import Erasing
from infra.bootstrap import Composed
from projections.catalogue import PROJECTIONS
from projections.engine.follower import Follower

CLOCK_EVERY = 30.0
"""Seconds between looks for deadlines that have passed."""
ERASE_EVERY = 2.0
"""Seconds between looks for erasures whose keys are still there: as a rule whoever confirmed one has destroyed them."""
LONGEST_STOP = 20.0


@contextmanager
def followers(composed: Composed, erasing: Erasing) -> Iterator[None]:
    """Runs this process's share of the projections, the clock and erasures until left; each ends what it is at."""
    stop = threading.Event()
    services = composed.services
    clock = Clock(services.application, services.pool, services.time)
    follower = Follower(composed.connect, composed.recorder, PROJECTIONS)
    threads = [
        threading.Thread(target=follower.run, args=(stop,), name="follower", daemon=True),
        threading.Thread(target=clock.run, args=(stop, CLOCK_EVERY), name="clock", daemon=True),
        threading.Thread(target=erasing.run, args=(stop, ERASE_EVERY), name="erasing", daemon=True),
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
