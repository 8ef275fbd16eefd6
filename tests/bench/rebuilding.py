"""Cost per event of a rebuild: of a long log beside a short one.

The same on both sides: all projections, `projections.rebuild.rebuild` as `rujukan rebuild` calls it, the server, and
the mix of events: both logs are simulated alike, so that the short one is the beginning of what the long one is made
of. The rows stand before and are replaced by equal ones, as an operator would. The cost is the time of the whole
rebuild, the switch of tables included, divided by the events of the log, in microseconds.
"""

import time
from contextlib import ExitStack

from infra.bootstrap import Composed, composed
from projections.catalogue import PROJECTIONS
from projections.rebuild import rebuild
from projections.runner import Runner
from tests.bench.bench import Bench
from tests.bench.logs import long_log
from tests.bench.measure import Kind, Measurement, alternating

ROW = "rebuilding"
LONG, SHORT = 2_000_000, 100_000
LEAST = 5_000
BAR = 1.3


def measure(bench: Bench) -> list[Measurement]:
    with ExitStack() as stack:

        def of(name: str, events: int) -> Composed:
            url = stack.enter_context(bench.database(name))
            bench.tell(f"a log of {events:,} events")
            long_log(url, events, bench.seed)
            whole = stack.enter_context(composed(bench.settings, url))
            bench.tell("folding it")
            for projection in PROJECTIONS:
                Runner(whole.connect, whole.recorder, projection).catch_up()
            return whole

        long, short = of("bench_long", bench.many(LONG, 2 * LEAST)), of("bench_short", bench.many(SHORT, LEAST))
        both = alternating(bench.rounds, lambda n: _cost(bench, long, n), lambda n: _cost(bench, short, n))
        sizes = long.recorder.head(), short.recorder.head()
    name = f"Cost per event of a rebuild of all projections, {sizes[0]:,} events"
    against = f"the same of {sizes[1]:,}"
    return [Measurement(ROW, name, "µs/event", *both, against, Kind.RATIO_AT_MOST, BAR)]


def _cost(bench: Bench, whole: Composed, number: int) -> float:
    events = whole.recorder.head()
    bench.tell(f"round {number + 1}: {events:,} events")
    began = time.perf_counter()
    rebuild(whole.connect, whole.recorder, PROJECTIONS, lambda _name, _position, _of: None)
    return (time.perf_counter() - began) / events * 1e6
