"""Runs a simulation into a log, and says how many households make so many events."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from domain.deadlines import Days
from infra.bootstrap import Composed
from infra.indonesia import Indonesia
from infra.keys.rehearsed import rehearsed
from infra.simulation.begun import SimulationError, alone, day_begun, present
from infra.simulation.rehearsal import Rehearsal
from infra.simulation.telling import Simulation, Tools
from infra.simulation.workers import Wanted, run
from infra.working_days import WorkingDays

SEED = 2026
MOST_HOUSEHOLDS = 5_000_000
MOST_YEARS = 20
MOST_WORKERS = 64
REHEARSED = 200
"""Households told in memory to know how many events one makes."""
Progress = Callable[[int, int, int], None]
"""Called with the households that are there, how many are wanted, and the events that this run has appended."""


@dataclass(frozen=True, slots=True)
class Summary:
    """`events` were appended by this run; `position` is the log's last; `today` the day that the years end on."""

    events: int
    position: int
    today: date


def quiet(_households: int, _wanted: int, _events: int) -> None:
    """Progress that nobody looks at."""


def check(households: int, years: int, workers: int | None = None) -> None:
    """Raises `SimulationError` for what cannot be simulated."""
    for name, number, most in (
        ("--households", households, MOST_HOUSEHOLDS),
        ("--years", years, MOST_YEARS),
        ("--workers", 1 if workers is None else workers, MOST_WORKERS),
    ):
        if not 1 <= number <= most:
            raise SimulationError(f"{name} is from 1 to {most:,}, not {number:,}.")


def simulate(
    whole: Composed,
    *,
    households: int,
    years: int,
    seed: int = SEED,
    today: date | None = None,
    workers: int | None = None,
    progress: Progress = quiet,
) -> Summary:
    """Brings the log to hold so many simulated households with their years before `today` (the time port's).

    The log is that of the verbs: for the same households, years, seed and day it is the same but for the moments of
    recording and the order between households. What is there already of this simulation is left as it is, so one that
    was cut short, or was smaller, is gone on with; without `today` on the day it was begun with. Each of the `workers`
    (the cores) is a process started anew, so that a script that calls this must guard its main part.

    Raises `SimulationError` for impossible numbers, for a log that holds something else, where another simulation
    runs, and where a worker fails; what was appended by then stays. Any other exception out of `progress`, and
    KeyboardInterrupt, ends the workers cleanly.
    """
    check(households, years, workers)
    events = 0

    def told(done: int, appended: int) -> None:
        nonlocal events
        events = directories + appended
        progress(done, households, events)

    with whole.connect() as connection, alone(connection):
        day = today or whole.services.time.today()
        begun = day_begun(connection, years=years, seed=seed, today=day, fixed=today is not None)
        wanted = Wanted(households, years, seed, begun or day)
        application, keys = whole.bulk()
        simulation = wanted.simulation(whole, keys)
        with application:
            simulation.fill(application, present(connection, simulation.offices()))
        directories = application.appended
        run(whole.settings, whole.url, wanted, min(workers or os.cpu_count() or 1, households), told)
    return Summary(events, whole.recorder.head(), wanted.today)


def households_for(events: int, years: int, *, today: date, seed: int = SEED) -> int:
    """About how many households make so many events in so many years: the first ones are told in memory."""
    tools = Tools(rehearsed(), Indonesia(), WorkingDays(None), Days())
    with Rehearsal() as application:
        simulation = Simulation(tools, households=REHEARSED, years=years, seed=seed, today=today)
        simulation.fill(application, set())
        application.flush()
        directories = application.appended
        for number in range(REHEARSED):
            simulation.live(application, number)
        application.flush()
        return max(round(events * REHEARSED / (application.appended - directories)), 1)
