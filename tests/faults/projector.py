"""Keeps the projections up with the log until told to stop; it may die at a point, or be of another version.

With `--check` it then compares the live rows with a rebuild, prints the differences, and fails where there are any.
"""

import argparse
import os
import signal
import sys
import threading
from dataclasses import replace
from typing import Any

import psycopg
from eventsourcing.utils import Environment, register_topic

from domain.agency import Registered
from infra.event_log.recorder import Recorder
from infra.persistence import Factory, direct_session, persistence_environment, session_parameters
from projections.catalogue import PROJECTIONS
from projections.engine import rebuild
from projections.engine.log import LoggedEvent
from projections.engine.points import Point, Reached
from projections.engine.projection import Projection
from projections.engine.runner import Runner
from tests.faults.stopping import told_to_stop


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--batch", type=int, default=2000)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--die", type=Point.__getitem__, help="the point of a batch at which this process kills itself")
    parser.add_argument("--batches", type=int, default=1, help="how many batches get to that point")
    parser.add_argument("--faulty", help="the projection that cannot fold one event")
    parser.add_argument("--at", type=int, help="the position of that event")
    parser.add_argument("--knows", help="a topic of agencies that only this version knows")
    given = parser.parse_args()
    if given.knows:
        register_topic(given.knows, Registered)
    factory = Factory(Environment("rujukan", persistence_environment(given.url)))
    log = factory.application_recorder()
    assert isinstance(log, Recorder)
    follow(log, given)
    session: Any = session_parameters(given.url)
    found = rebuild.check(lambda: psycopg.connect(**session), log, PROJECTIONS, lambda *_: None) if given.check else []
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    factory.close()
    return 1 if found else 0


def follow(log: Recorder, given: argparse.Namespace) -> None:
    def connect() -> psycopg.Connection[Any]:
        return direct_session(given.url, "rujukan projections")

    stop = told_to_stop()
    reached = dying(given.die, given.batches)
    threads = []
    for projection in PROJECTIONS:
        mine = faulty(projection, given.at) if projection.name == given.faulty else projection
        runner = Runner(connect, log, mine, batch=given.batch, reached=reached)
        threads.append(threading.Thread(target=runner.run, args=[stop]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def dying(at: Point | None, batches: int) -> Reached:
    """Kills this process when a batch, of whichever projection, is the so many-th to get to the point."""
    left = threading.Semaphore(batches - 1)

    def reached(point: Point) -> None:
        if point is at and not left.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def faulty(projection: Projection[Any], at: int) -> Projection[Any]:
    def fold(state: Any, logged: LoggedEvent) -> Any:
        if logged.position == at:
            raise LookupError("this version cannot fold it")
        return projection.fold(state, logged)

    return replace(projection, fold=fold)


if __name__ == "__main__":
    sys.exit(main())
