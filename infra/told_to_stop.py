"""How a command that runs until it is told to stop hears of it."""

import _thread
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPS = (signal.SIGINT, signal.SIGTERM)


def setting(stop: threading.Event) -> Callable[..., object]:
    """A handler of signals that sets this.

    On a thread of its own: a handler interrupts the main thread anywhere, also where that waits for this very event
    and holds its lock, for which the handler would wait for ever.
    """
    return lambda *_: _thread.start_new_thread(stop.set, ())


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """Inside, Ctrl-C and SIGTERM set what is given."""
    stop = threading.Event()
    before = {number: signal.signal(number, setting(stop)) for number in STOPS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
