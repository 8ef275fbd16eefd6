"""How a command that runs until it is told to stop hears of it."""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STOPS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """Inside, Ctrl-C and SIGTERM set what is given.

    On a thread of its own: a handler interrupts the main thread anywhere, also where that waits for this very event
    and holds its lock, for which the handler would wait for ever.
    """
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: _thread.start_new_thread(stop.set, ())) for number in STOPS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
