"""A log of any length, simulated."""

from infra.simulation.running import households_for, simulate

from infra.bootstrap import Composed
from tests.bench.logs import DAY

YEARS = 5


def simulated_log(whole: Composed, events: int, seed: int) -> None:
    """About so many events of five years in the lives of simulated households, into an empty log."""
    households = households_for(events, YEARS, today=DAY, seed=seed)
    simulate(whole, households=households, years=YEARS, seed=seed, today=DAY)
