"""Publishes to the partners until told to stop; it may kill itself at a point."""

import argparse
import sys
from typing import Any

import psycopg
from psycopg.rows import dict_row

from consumers.points import Point
from consumers.publishing.publisher import Publisher
from infra.persistence import session_parameters
from tests.faults.partner import access_in, dying
from tests.faults.stopping import told_to_stop


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--access", required=True, help="a file that holds how the broker is reached")
    parser.add_argument("--die", type=Point.__getitem__, help="the point at which this process kills itself")
    parser.add_argument("--times", type=int, default=1, help="the how-many-th time that it gets to that point")
    given = parser.parse_args()
    session: Any = {**session_parameters(given.url), "autocommit": True, "row_factory": dict_row}
    Publisher(lambda: psycopg.connect(**session), access_in(given.access), dying(given.die, given.times)).run(
        told_to_stop()
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
