"""What runs in one `rujukan up`: the projections, the clock and the HTTP server, each on its own thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from consumers.clock import Clock
from infra.bootstrap import Composed
from projections.catalogue import PROJECTIONS
from projections.runner import Runner

CLOCK_EVERY = 30.0
"""Seconds between looks for deadlines that have passed."""
LONGEST_STOP = 15.0


@contextmanager
def followers(composed: Composed) -> Iterator[None]:
    """Runs every projection and the clock until left; each ends what it is at."""
    stop = threading.Event()
    services = composed.services
    clock = Clock(services.application, services.pool, services.time)
    runners = [Runner(composed.connect, composed.recorder, projection) for projection in PROJECTIONS]
    threads = [
        *(threading.Thread(target=r.run, args=(stop,), name=f"projection {r.name}", daemon=True) for r in runners),
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
