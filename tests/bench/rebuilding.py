"""Cost per event of a rebuild: of a long log beside a short one.

The same on both sides: the projections of the three routes that are read most (households, graduations, follow-up),
rebuilt as `rujukan rebuild --workers N` does with a worker for each core; the server; and the mix of events, as both
logs are simulated alike and differ by how many households they are of. The rows stand before, are compared with what
the log says, and are replaced, as for an operator: one rebuild of each, unmeasured, has filled them. The cost is the
time of the whole, divided by the events of the log.

While the long log's are rebuilt, a reader in a process of its own asks for households, follow-up and graduations. The
log stands still, so each answer must be the first again, in the moment of the switch too.
"""

import os
import time
from contextlib import ExitStack

from infra.bootstrap import Composed, composed
from infra.rebuild_workers import Workers
from projections import follow_up_rows, graduations, household_rows
from projections.catalogue import PROJECTIONS
from projections.engine.comparing import Differences
from projections.engine.rebuild import rebuild
from tests.bench.bench import Bench
from tests.bench.logs import OnTheDay
from tests.bench.measure import Kind, Measurement, alternating
from tests.bench.reading_meanwhile import Read, read_meanwhile
from tests.bench.simulated import simulated_log

ROW = "rebuilding"
LONG, SHORT = 2_000_000, 100_000
LEAST = 5_000
BAR = 1.3
NAMES = {p.PROJECTION.name for p in (household_rows, graduations, follow_up_rows)}
REBUILT = tuple(projection for projection in PROJECTIONS if projection.name in NAMES)


def measure(bench: Bench) -> list[Measurement]:
    with ExitStack() as stack:

        def of(name: str, events: int) -> Composed:
            url = stack.enter_context(bench.database(name))
            whole = stack.enter_context(composed(bench.settings, url, time=OnTheDay()))
            bench.tell(f"a log of about {events:,} events")
            simulated_log(whole, events, bench.seed)
            bench.tell("its projections for the first time")
            _rebuilt(whole)
            return whole

        long, short = of("bench_long", bench.many(LONG, 2 * LEAST)), of("bench_short", bench.many(SHORT, LEAST))
        read: list[Read] = []

        def of_long(number: int) -> float:
            with read_meanwhile(long.url) as found:
                cost = _cost(bench, long, number)
            read.append(found)
            return cost

        both = alternating(bench.rounds, of_long, lambda n: _cost(bench, short, n))
        sizes = long.recorder.head(), short.recorder.head()
    name = f"Cost per event of a rebuild of households, graduations and follow-up, {sizes[0]:,} events"
    against = f"the same of {sizes[1]:,}"
    failed = f"… failed or changed, of {sum(each.times for each in read):,} reads meanwhile"
    failures = float(sum(each.failed for each in read))
    return [
        Measurement(ROW, name, "µs/event", *both, against, Kind.RATIO_AT_MOST, BAR),
        Measurement(ROW, failed, "reads", (failures,), kind=Kind.OURS_AT_MOST, bar=0.0),
        Measurement(ROW, "… the longest read meanwhile", "ms", tuple(each.longest * 1e3 for each in read)),
    ]


def _cost(bench: Bench, whole: Composed, number: int) -> float:
    """In microseconds an event."""
    events = whole.recorder.head()
    bench.tell(f"round {number + 1}: {events:,} events")
    began = time.perf_counter()
    found = _rebuilt(whole)
    took = time.perf_counter() - began
    if found:
        raise RuntimeError(f"A rebuild of what was rebuilt before differs: {found.counts}")
    return took / events * 1e6


def _rebuilt(whole: Composed) -> Differences:
    """By as many processes as there are cores."""
    workers = os.cpu_count() or 1
    fold = Workers(whole.url, workers) if workers > 1 else None
    return rebuild(whole.connect, whole.recorder, REBUILT, lambda *_: None, workers=workers, fold=fold)
