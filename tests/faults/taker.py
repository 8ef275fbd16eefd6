"""Takes the answers of partners in until told to stop; it may kill itself at a point."""

import argparse
import sys

from psycopg_pool import ConnectionPool

from consumers.points import Point
from consumers.taking_in.intake import Intake
from consumers.taking_in.reading import ReplyReader
from domain.answering import Answering
from domain.application import Rujukan
from domain.deadlines import Days
from infra.event_log.recorder import Recorder
from infra.persistence import persistence_environment, reading_parameters
from infra.time import WallClock
from infra.working_days import WorkingDays
from tests.faults.partner import access_in, dying
from tests.faults.stopping import told_to_stop


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--access", required=True)
    parser.add_argument("--die", type=Point.__getitem__)
    parser.add_argument("--times", type=int, default=1)
    given = parser.parse_args()
    application = Rujukan(env=persistence_environment(given.url))
    log = application.recorder
    assert isinstance(log, Recorder)
    with ConnectionPool(kwargs=reading_parameters(given.url), min_size=1, max_size=4) as pool:
        intake = Intake(Answering(application, WorkingDays(None), Days()), log, pool.connection, WallClock())
        reached = dying(given.die, given.times)
        ReplyReader(intake, pool.connection, access_in(given.access), reached).run(told_to_stop())
    application.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
