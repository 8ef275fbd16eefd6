"""From commit to projected row: how long after a command was answered all projections have taken it in.

One visit at a time, while every projection follows the log as in `rujukan up`. The time is from the answer of the verb,
which comes after the commit, until all positions in the database have come so far, looked at every millisecond.
"""

import time
from random import Random
from statistics import median
from uuid import UUID

import psycopg
from psycopg import Connection

from consumers.erasing import Erasing
from domain.application import Rujukan
from domain.codes import VisitPurpose, VisitResult
from infra.bootstrap import composed
from infra.kafka.beside import left_out
from infra.running import followers
from projections.catalogue import PROJECTIONS
from projections.engine.positions import positions
from tests.bench.bench import Bench
from tests.bench.deciding import asked, standing_households
from tests.bench.logs import load_sample
from tests.bench.measure import Measurement, percentile

ROW = "delay"
VISITS = 150
LOOK, LONGEST = 0.001, 120.0


def measure(bench: Bench) -> list[Measurement]:
    with (
        bench.database("bench_delay") as url,
        composed(bench.settings, url) as whole,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        end = load_sample(url, bench.seed)
        households = standing_households(url)
        chance = Random(f"{bench.seed}/delay")
        with followers(whole, Erasing(whole.recorder, whole.sealer), left_out()):
            bench.tell("letting the projections catch up")
            _wait(connection, end)
            found = []
            for number in range(bench.rounds):
                bench.tell(f"round {number + 1}")
                application = whole.services.application
                found.append([
                    _delay(application, connection, chance.choice(households), chance)
                    for _ in range(bench.many(VISITS, 30))
                ])  # fmt: skip
    about = "Delay from commit to rows in all projections"
    return [
        Measurement(ROW, f"{about}, median", "ms", tuple(median(each) for each in found)),
        Measurement(ROW, f"{about}, 95th percentile", "ms", tuple(percentile(each, 0.95) for each in found)),
    ]


def _delay(application: Rujukan, connection: Connection, household: UUID, chance: Random) -> float:
    """In milliseconds."""
    command, note = asked(household, chance)
    outcome = application.visit(
        household, command, purpose=VisitPurpose.USE_OF_AID, result=VisitResult.DONE, note=note
    )  # fmt: skip
    began = time.perf_counter()
    _wait(connection, outcome.position)
    return (time.perf_counter() - began) * 1000


def _wait(connection: Connection, position: int) -> None:
    until = time.monotonic() + LONGEST
    while True:
        found = positions(connection)
        if all(found.get(projection.name, 0) >= position for projection in PROJECTIONS):
            return
        if time.monotonic() > until:
            raise TimeoutError(f"The projections did not come to position {position}: {found}")
        time.sleep(LOOK)
