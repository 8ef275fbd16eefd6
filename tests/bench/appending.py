"""Gap-free append: 8 writers, 1 to 16 events each time, while a reader follows by its bookmark.

The same on both sides: the server, eight threads of one process on one recorder, the stored events by the same chance
(each append is a stream of its own), and a reader in another process that asks again and again for what lies behind its
bookmark. What it misses is counted against the table at the end.

Ours is `insert_events` of the recorder that `infra.bootstrap` composes; theirs is the library's
`PostgresApplicationRecorder` as it comes, on a table of its own. Told beside them: the library's switch
`POSTGRES_ENABLE_DB_FUNCTIONS`, which appends without a lock, with what the reader missed under it; and one writer
alone, one event each time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import StoredEvent

from infra.bootstrap import composed
from tests.bench.bench import Bench
from tests.bench.bookmark import followed
from tests.bench.callers import rate
from tests.bench.library import Library, library_environment
from tests.bench.measure import Kind, Measurement, alternating

ROW = "appending"
WRITERS, MOST_EVENTS = 8, 16
SECONDS, SECONDS_ALONE = 6.0, 3.0
OUR_TABLE, THEIR_TABLE = "rujukan_events", "library_events"
TOPIC = "household.visited.v1"
STATE = (
    b'{"by":"officer-kemensos","caused_by":"5d0c8a4e-6d0e-4b86-9c7c-0a4de2a9f0b1","note":{"box":"' + b"A" * 124 + b'",'
    b'"key":"7b0e8f6a-3d0b-4c1d-8a53-9f3d5f7c2e10"},"on":"2026-06-30","purpose":"use_of_aid",'
    b'"recorded_at":"2026-06-30T03:00:00Z","result":"done"}'
)


@dataclass
class Side:
    """One way to append, with the table it goes to and what a reader missed in each round so far."""

    table: str
    insert: Callable[[Sequence[StoredEvent]], Any]
    missed: list[float] = field(default_factory=list)


def measure(bench: Bench) -> list[Measurement]:
    with bench.database("bench_appending") as url, sides(bench, url) as (ours, theirs, functions):
        seed = bench.seed

        def many(side: Side, number: int) -> float:
            with followed(url, side.table) as reader:
                found = rate(
                    lambda chance: append(side, chance.randint(1, MOST_EVENTS)),
                    callers=WRITERS,
                    seconds=bench.seconds(SECONDS),
                    seed=f"{seed}/{number}",
                )
            side.missed.append(reader.missed)
            return found

        def alone(side: Side, number: int) -> float:
            seconds = bench.seconds(SECONDS_ALONE)
            return rate(lambda _: append(side, 1), callers=1, seconds=seconds, seed=f"{seed}/{number}")

        for side in (ours, theirs, functions):
            rate(lambda _, side=side: append(side, 1), callers=WRITERS, seconds=0.5, seed="warm")
        bench.tell("8 writers")
        both = alternating(bench.rounds, lambda n: many(ours, n), lambda n: many(theirs, n))
        bench.tell("the library's function without a lock")
        unlocked = tuple(many(functions, n) for n in range(bench.rounds))
        bench.tell("one writer")
        single = alternating(bench.rounds, lambda n: alone(ours, n), lambda n: alone(theirs, n))
    by_default = "the library's default recorder"
    return [
        Measurement(ROW, "Gap-free append; 8 writers, 1-16 events", "events/s", *both, by_default,
                    Kind.RATIO_AT_LEAST, 3.0),
        Measurement(ROW, "… missed by a reader with a bookmark, in all rounds", "events", (sum(ours.missed),),
                    (sum(theirs.missed),), by_default, Kind.OURS_AT_MOST, 0.0),
        Measurement(ROW, "… the same with the library's function, which takes no lock", "events/s", both[0], unlocked,
                    "`POSTGRES_ENABLE_DB_FUNCTIONS`"),
        Measurement(ROW, "… missed by a reader with a bookmark, each round", "events", tuple(ours.missed),
                    tuple(functions.missed), "`POSTGRES_ENABLE_DB_FUNCTIONS`"),
        Measurement(ROW, "Append; one writer, one event each time", "events/s", *single, by_default),
    ]  # fmt: skip


@contextmanager
def sides(bench: Bench, url: str) -> Iterator[tuple[Side, Side, Side]]:
    default = Library(library_environment(url))
    functions = Library(library_environment(url, POSTGRES_ENABLE_DB_FUNCTIONS="y"))
    try:
        with composed(bench.settings, url) as whole:
            yield (
                Side(OUR_TABLE, whole.recorder.insert_events),
                Side(THEIR_TABLE, default.recorder.insert_events),
                Side(THEIR_TABLE, functions.recorder.insert_events),
            )
    finally:
        default.close()
        functions.close()


def append(side: Side, events: int) -> int:
    stream = uuid4()
    side.insert([StoredEvent(stream, version, TOPIC, STATE) for version in range(1, events + 1)])
    return events
