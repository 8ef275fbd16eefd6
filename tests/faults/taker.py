"""Takes the answers of partners in until told to stop; it may kill itself at a point."""

import argparse
import sys

from consumers.points import Point
from consumers.reading import ReplyReader
from infra.bootstrap import composed
from infra.settings import load_settings
from tests.faults.partner import access_in, dying
from tests.faults.stopping import told_to_stop


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--home", required=True)
    parser.add_argument("--access", required=True)
    parser.add_argument("--die", type=Point.__getitem__)
    parser.add_argument("--times", type=int, default=1)
    given = parser.parse_args()
    with composed(load_settings(home=given.home), given.url) as whole:
        reader = ReplyReader(
            whole.intake(), whole.services.pool.connection, access_in(given.access), dying(given.die, given.times)
        )
        reader.run(told_to_stop())
    return 0


if __name__ == "__main__":
    sys.exit(main())
