"""How the programs of this folder are told to stop."""

import signal
import sys
import threading


def told_to_stop() -> threading.Event:
    """Set by SIGTERM; from here on, which is told by the line `ready`, the program ends what it is at and succeeds."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    return stop
