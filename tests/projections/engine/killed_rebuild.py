"""A process that begins to rebuild the tally, comes to position 40 and is killed: `python -m … URL`."""

import os
import signal
import sys
from typing import Any

from psycopg import Connection

from infra.persistence import direct_session
from projections.engine.rebuild import rebuild
from projections.engine.runner import Runner
from projections.engine.shard import Shard
from tests.projections.conftest import recorder_of
from tests.projections.engine.tally import TALLY

REACHED = 40


def main(url: str) -> None:
    with recorder_of(url) as log:

        def connect() -> Connection[Any]:
            return direct_session(url, "rujukan rebuild")

        def die(_name: str, _position: int, _target: int) -> None:
            Runner(
                lambda: direct_session(url, "rujukan rebuild"), log, TALLY, "read_aside", shard=Shard(0, 1)
            ).catch_up(REACHED)
            os.kill(os.getpid(), signal.SIGKILL)

        rebuild(connect, log, [TALLY], die)


if __name__ == "__main__":
    main(sys.argv[1])
