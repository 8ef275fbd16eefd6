"""Projection catch-up: each projection from nothing to the end of a log.

The same on both sides: the server, the events (the sample's 20,000), the folds, the tables that are written and, row
for row, what is in them at the end, which is compared before anything is timed. Statements are prepared, states and
rows travel as JSON, the mapper is ours, and Python's collector looks as seldom as in our processes, on either side.
The library reads only the topics that matter to a projection. Rates are positions of the log a second.

What differs is the runner. Ours is `Runner.catch_up`, in batches, whose commits do not wait for the disk, because what
a crash takes away is folded again. Theirs is `eventsourcing.projection.ProjectionRunner`: one event a transaction, each
waiting for the disk, as the library does; without that wait is told beside it. As it is slow, theirs covers only the
first part of the log; `history.logged_at`, which the library does not know, is the moment of recording there.
"""

import time
from dataclasses import dataclass, field
from typing import Any

import psycopg
from eventsourcing.projection import ProjectionRunner

from infra.bootstrap import Composed, composed
from projections.catalogue import PROJECTIONS
from projections.engine.projection import Projection
from projections.engine.runner import Runner
from tests.bench.bench import Bench
from tests.bench.library import Library, library_environment
from tests.bench.library_view import View, as_library_projection
from tests.bench.logs import copy_to_library, load_sample
from tests.bench.measure import Kind, Measurement
from tests.bench.read_tables import empty, let_commits_wait, rows

ROW = "catching_up"
THEIR_EVENTS = 2000
LONGEST = 600.0


@dataclass
class Sides:
    """Seconds that each projection took, by name, in each round."""

    ours: dict[str, list[float]] = field(default_factory=dict)
    theirs: dict[str, list[float]] = field(default_factory=dict)
    unwaiting: dict[str, list[float]] = field(default_factory=dict)


def measure(bench: Bench) -> list[Measurement]:
    took = Sides()
    with bench.database("bench_catching_up") as url:
        end = load_sample(url, bench.seed)
        part = min(end, bench.many(THEIR_EVENTS, 500))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE rujukan_events")
        with bench.database("bench_catching_up_library", like="bench_catching_up") as their_url:
            Library(library_environment(their_url)).close()
            copy_to_library(their_url, "library_events", part)
            with composed(bench.settings, url) as whole:
                reads = {p.name: _topics(whole, p, part) for p in PROJECTIONS}
                bench.tell(f"whether both write the same rows for {part:,} events")
                _check_same(whole, their_url, reads, part)
                for number in range(bench.rounds):
                    bench.tell(f"round {number + 1}")
                    _round(whole, their_url, reads, end, part, took)
    return _measurements(took, end, part)


def _round(whole: Composed, their_url: str, reads: dict[str, Any], end: int, part: int, took: Sides) -> None:
    empty(whole.url)
    for projection in PROJECTIONS:
        took.ours.setdefault(projection.name, []).append(_ours(whole, projection, end))
    for commits_wait, times in ((True, took.theirs), (False, took.unwaiting)):
        empty(their_url)
        let_commits_wait(their_url, commits_wait)
        for projection in PROJECTIONS:
            times.setdefault(projection.name, []).append(_theirs(their_url, projection, *reads[projection.name]))


def _ours(whole: Composed, projection: Projection[Any], until: int) -> float:
    began = time.perf_counter()
    reached = Runner(whole.connect, whole.recorder, projection).catch_up(until)
    took = time.perf_counter() - began
    if reached != until:
        raise RuntimeError(f"{projection.name} reached {reached}, not {until}.")
    return took


def _theirs(url: str, projection: Projection[Any], topics: tuple[str, ...], last: int) -> float:
    """Until the last event that matters to the projection; the runner raises what its projection raised."""
    made = as_library_projection(projection, topics)
    environment = library_environment(url, POSTGRES_POOL_SIZE="2")
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Library, projection_class=made, view_class=View, env=environment
    ) as runner:  # fmt: skip
        runner.wait(last, timeout=LONGEST)
        return time.perf_counter() - began


def _topics(whole: Composed, projection: Projection[Any], until: int) -> tuple[tuple[str, ...], int]:
    """The topics that matter to a projection among these events, and the position of the last that does."""
    mattering = [e for e in whole.recorder.read(0, until) if projection.key(e) is not None]
    return tuple(sorted({e.topic for e in mattering})), mattering[-1].position


def _check_same(whole: Composed, their_url: str, reads: dict[str, Any], part: int) -> None:
    for projection in PROJECTIONS:
        _ours(whole, projection, part)
        _theirs(their_url, projection, *reads[projection.name])
        for table in (*(t.name for t in projection.tables), f"{projection.name}_state"):
            ours, theirs = rows(whole.url, table), rows(their_url, table)
            if ours != theirs:
                differ = [pair for pair in zip(ours, theirs, strict=False) if pair[0] != pair[1]][:1]
                raise RuntimeError(f"{table} differs: {len(ours)} and {len(theirs)} rows; {differ}")


def _measurements(took: Sides, end: int, part: int) -> list[Measurement]:
    names = [projection.name for projection in PROJECTIONS]
    note = f"ours over {end:,} events, theirs over the first {part:,}"

    def rates(seconds: dict[str, list[float]], events: int, of: list[str]) -> tuple[float, ...]:
        return tuple(events * len(of) / sum(each) for each in zip(*(seconds[name] for name in of), strict=True))

    def line(name: str, of: list[str], seconds: dict[str, list[float]], against: str, bar: float | None) -> Measurement:
        kind = Kind.RATIO_AT_LEAST if bar else Kind.TOLD
        both = rates(took.ours, end, of), rates(seconds, part, of)
        return Measurement(ROW, name, "events/s", *both, against, kind, bar, (note,))

    library = "the library's `ProjectionRunner`"
    return [
        line("Projection catch-up, all projections together", names, took.theirs, library, 25.0),
        line("… the same", names, took.unwaiting, f"{library} with `synchronous_commit` off", None),
        *(line(f"… `{name}` alone", [name], took.theirs, library, None) for name in names),
    ]
