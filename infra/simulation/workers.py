"""The processes of a simulation: each tells the lives of its own range of households, on a connection of its own."""

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from multiprocessing.connection import wait
from typing import Any

from domain.ports import Sealer
from infra.bootstrap import Composed, composed
from infra.settings import Settings
from infra.simulation.begun import SimulationError, present, working
from infra.simulation.telling import Simulation, Tools

CHUNK = 250
"""Households kept in memory at once."""
LOOK_EVERY = 0.2
LONGEST_STOP = 60.0
COLLECT_EVERY = 50_000
"""Objects between two collections of garbage: lives are told faster with few."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A simulation, as it is asked for."""

    households: int
    years: int
    seed: int
    today: date

    def simulation(self, whole: Composed, sealer: Sealer) -> Simulation:
        services = whole.services
        tools = Tools(sealer, services.registry, services.calendar, services.days)
        return Simulation(tools, households=self.households, years=self.years, seed=self.seed, today=self.today)


Told = Callable[[int, int], None]
"""Called with the households that are there and the events appended, both so far."""


def run(settings: Settings, url: str, wanted: Wanted, workers: int, told: Told) -> None:
    """Returns when all households are there; on any exception the workers end with the household that they are at.

    Raises `SimulationError` where a worker failed or was killed.
    """
    context = multiprocessing.get_context("spawn")
    stop, faults = context.Event(), context.SimpleQueue()
    counts = [context.Array("q", 2) for _ in range(workers)]
    processes = [
        context.Process(target=work, args=(settings, url, wanted, share, counts[n], faults, stop), daemon=True)
        for n, share in enumerate(shares(wanted.households, workers))
    ]
    try:
        for process in processes:
            process.start()
        while running := [process for process in processes if process.exitcode is None]:
            wait([process.sentinel for process in running], LOOK_EVERY)
            told(sum(count[0] for count in counts), sum(count[1] for count in counts))
            if any(process.exitcode for process in processes):
                break
    finally:
        stop.set()
        for process in processes:
            if process.pid is not None:
                process.join(LONGEST_STOP)
    if not faults.empty():
        raise SimulationError(faults.get())
    if any(process.exitcode for process in processes):
        raise SimulationError("A worker was killed; the same command goes on with what is there.")


def shares(households: int, workers: int) -> list[range]:
    """As even as can be, in order."""
    ends = [households * n // workers for n in range(workers + 1)]
    return [range(first, last) for first, last in pairwise(ends)]


def work(settings: Settings, url: str, wanted: Wanted, share: range, counts: Any, faults: Any, stop: Any) -> None:
    """The whole of one process; it ends by itself where the one that started it is gone."""
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.SIG_IGN)
    gc.set_threshold(COLLECT_EVERY)
    parent = multiprocessing.parent_process()

    def stopped() -> bool:
        return stop.is_set() or parent is None or not parent.is_alive()

    try:
        with ExitStack() as stack:
            whole = stack.enter_context(composed(settings, url))
            connection = stack.enter_context(whole.connect())
            application, keys = whole.bulk()
            stack.enter_context(application)
            connection.autocommit = True
            working(connection)
            simulation = wanted.simulation(whole, keys)
            for chunk in _chunks(share):
                there = present(connection, (simulation.families.id(number) for number in chunk))
                for number in chunk:
                    if stopped():
                        return
                    if simulation.families.id(number) not in there:
                        simulation.live(application, number)
                    counts[:] = counts[0] + 1, application.appended
                application.forget()
                counts[1] = application.appended
    except Exception as error:
        faults.put(f"{type(error).__name__}: {error}".splitlines()[0])
        raise SystemExit(1) from None


def _chunks(share: range) -> Iterator[range]:
    return (share[at : at + CHUNK] for at in range(0, len(share), CHUNK))
