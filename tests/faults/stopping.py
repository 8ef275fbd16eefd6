"""How the programs of this folder end: by SIGTERM when told to stop, or with the test that started them."""

import os
import signal
import sys
import threading

from infra.told_to_stop import setting


def told_to_stop() -> threading.Event:
    """Set by SIGTERM; from here on, which is told by the line `ready`, the program ends what it is at and succeeds.

    Its standard input is held open by the test, and ends however that does.
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, setting(stop))
    threading.Thread(target=end_with_the_test, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    return stop


def end_with_the_test() -> None:
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGKILL)
