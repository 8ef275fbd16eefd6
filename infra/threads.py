"""Something that runs beside the rest of a process until that is over."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_a_thread(
    run: Callable[[threading.Event], object], name: str, *, longest_stop: float | None = None
) -> Iterator[None]:
    """While inside, `run` is at work on a thread of its own; when left it is told to stop, and waited for: so many
    seconds, or until it has."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(stop,), name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(longest_stop)
