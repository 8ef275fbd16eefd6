"""Many callers at once, each on a thread, as the API's requests are carried out."""

import threading
import time
from collections.abc import Callable
from random import Random

Call = Callable[[Random], int]
"""Does something once and returns how many events it had appended."""


def rate(call: Call, *, callers: int, seconds: float, seed: str) -> float:
    """Events appended each second while so many callers call again and again.

    A call begun in time is finished and counted, with the time that it took. Every caller has a chance of its own, the
    same for the same seed. Raises what the first call that failed has raised.
    """
    begin = threading.Barrier(callers + 1)
    done = [0] * callers
    failed: list[BaseException] = []
    until = 0.0

    def repeat(number: int) -> None:
        chance = Random(f"{seed}/{number}")
        begin.wait()
        try:
            while time.perf_counter() < until and not failed:
                done[number] += call(chance)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=repeat, args=(number,), daemon=True) for number in range(callers)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    until = began + seconds
    begin.wait()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failed:
        raise failed[0]
    return sum(done) / took
